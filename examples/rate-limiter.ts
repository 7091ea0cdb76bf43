/**
 * A named Semaphore that keeps the workers of a cluster, all together, from asking a service more than it bears, and goes on doing so when one of
 * them is killed with requests under way. Answers "Use Semaphore to limit concurrent access to a fixed count of resources" of reference 5.
 */
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Semaphore, struct, Value } from 'sharedctypes'

const LIMIT = 3
const WORKERS = 4
const REQUESTS = 40
const LAST_OF_KILLED = 10

const Counts = struct('Counts', { inside: 'c_int', most: 'c_int', answered: 'c_int' })
const open = (name: string, create: boolean) => ({
  limiter: Semaphore(LIMIT, { name, create }),
  counts: Value(Counts, { inside: 0, most: 0, answered: 0 }, { name: `${name}.counts`, create }),
})

async function work(name: string, port: string, last: number): Promise<void> {
  const { limiter, counts } = open(name, false)
  let begun = 0
  let mine = 0
  const enter = (change: number) => {
    using _ = counts.hold()
    mine += change
    counts.value.inside += change
    counts.value.most = Math.max(counts.value.most, counts.value.inside)
  }
  const request = async () => {
    enter(1)
    const asked = once(get({ port, agent: false }), 'response')
    if (++begun === last) {
      // The dead can't count themselves out: it does so first. Its permits it keeps.
      enter(-mine)
      process.kill(process.pid, 'SIGKILL')
    }
    const [response] = await asked
    assert.equal(await text(response), 'served')
    enter(-1)
    counts.withLock(() => {
      counts.value.answered += 1
    })
  }
  await Promise.all(Array.from({ length: REQUESTS }, () => limiter.withPermitAsync(request)))
  process.disconnect()
}

if (cluster.isPrimary) {
  const service = createServer((_, response) => setTimeout(() => response.end('served'), 2)).listen(0)
  await once(service, 'listening')
  const PORT = String((service.address() as AddressInfo).port)
  const LIMITER = `rate-limiter-${process.pid}`
  const { limiter, counts } = open(LIMITER, true)
  try {
    const lasts = [LAST_OF_KILLED, ...Array(WORKERS - 1).fill(REQUESTS + 1)]
    const ended = lasts.map((last) => once(cluster.fork({ LIMITER, PORT, LAST: String(last) }), 'exit'))
    const [killed, ...others] = await Promise.all(ended)
    assert.deepEqual(killed, [null, 'SIGKILL'])
    for (const end of others) assert.deepEqual(end, [0, null])

    const { inside, most, answered } = counts.value
    assert.deepEqual([inside, most, limiter.value], [0, LIMIT, LIMIT])
    assert(answered >= others.length * REQUESTS)
    console.log(
      `${answered} requests answered, never more than ${most} at once; a worker was killed inside, and its permits came back:`,
      limiter,
    )
  } finally {
    limiter.unlink()
    counts.unlink()
    service.close()
  }
} else {
  const { LIMITER = '', PORT = '', LAST } = process.env
  await work(LIMITER, PORT, Number(LAST))
}
