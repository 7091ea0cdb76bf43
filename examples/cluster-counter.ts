/** A named counter that all workers of a cluster number their requests with. Answers the shared lock and counter of reference 5 for node:cluster. */
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Value } from 'sharedctypes'

const WORKERS = 3
const REQUESTS = 60

function serve(name: string): void {
  const hits = Value('c_int', 0, { name, create: false })
  createServer((_, response) => {
    const number = hits.withLock(() => {
      hits.value += 1
      return hits.value
    })
    response.end(`${number} ${process.pid}`)
  }).listen(0)
}

async function ask(port: number): Promise<number[]> {
  const [response] = await once(get({ port, agent: false }), 'response')
  return (await text(response)).split(' ').map(Number)
}

if (cluster.isPrimary) {
  const name = `cluster-counter-${process.pid}`
  const hits = Value('c_int', 0, { name, create: true })
  try {
    const workers = Array.from({ length: WORKERS }, () => cluster.fork({ COUNTER: name }))
    const listening = workers.map((worker) => once(worker, 'listening'))
    await Promise.all(listening)
    const [{ port }] = (await listening[0]) as [AddressInfo]
    const answers = await Promise.all(Array.from({ length: REQUESTS }, () => ask(port)))
    const ended = workers.map((worker) => once(worker, 'exit'))
    for (const worker of workers) worker.disconnect()
    await Promise.all(ended)

    const numbers = answers.map(([number]) => number as number).sort((a, b) => a - b)
    assert.deepEqual(
      numbers,
      Array.from({ length: REQUESTS }, (_, i) => i + 1),
    )
    assert.equal(hits.value, REQUESTS)
    console.log(
      `${REQUESTS} requests, answered by ${new Set(answers.map(([, pid]) => pid)).size} workers: each has its own number from 1 to ${REQUESTS}`,
    )
  } finally {
    hits.unlink()
  }
} else {
  serve(process.env.COUNTER as string)
}
