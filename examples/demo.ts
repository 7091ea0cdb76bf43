/**
 * The demo, `npm run demo`: a counter under its lock, a metrics array watched live, and the same counting by messages. Answers the race, the
 * metrics array and "Performance: Shared Memory vs. Queue" of reference 5 in one program.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as mp from 'sharedctypes'
import { bar, paint, print, watch } from './support/display.js'

const WORKERS = 4
const EACH = 250_000
const TOTAL = WORKERS * EACH
const TASKS = 1500
const INCREMENT = 1
const DONE = 'done'
type Metrics = mp.Array<'c_int', mp.Lock>
type Order = { work: 'count'; counter: mp.Handle } | { work: 'metrics'; metrics: mp.Handle; worker: number } | { work: 'send' }

function count(counter: mp.Value<'c_int'>): void {
  const increment = () => {
    counter.value += 1
  }
  for (let i = 0; i < EACH; i++) counter.withLock(increment)
}

function fillMetrics(metrics: Metrics, worker: number): void {
  const mine = metrics.subarray(worker * 3, worker * 3 + 3)
  const data = Buffer.alloc(1 << 20, worker)
  const begun = performance.now()
  for (let task = 0; task < TASKS; task++) {
    createHash('sha256').update(data).digest()
    metrics.withLock(() => {
      const [completed = 0, errors = 0] = mine
      const throughput = ((completed + 1) * 1000) / (performance.now() - begun)
      mine.set([completed + 1, task % 10 === 0 ? errors + 1 : errors, throughput])
    })
  }
}

async function sendEach(): Promise<void> {
  const sendAndWait = promisify<number, void>((message, sent) => process.send?.(message, undefined, {}, (error) => sent(error)))
  for (let i = 1; i <= EACH; i++) {
    // A pause at each thousandth keeps messages from piling up in memory: faster than all at once, and than a pause at each.
    if (i % 1000 === 0) await sendAndWait(INCREMENT)
    else process.send?.(INCREMENT)
  }
}

async function obey(order: Order): Promise<void> {
  if (order.work === 'count') count(mp.attach<mp.Value<'c_int'>>(order.counter))
  else if (order.work === 'metrics') fillMetrics(mp.attach<Metrics>(order.metrics), order.worker)
  else await sendEach()
  process.send?.(DONE)
}

const number = (n: number) => Math.round(n).toLocaleString('en')
const heading = (step: number, text: string) => {
  print()
  print(paint('bold', `${step}. ${text}`))
}

async function demo(workers: ChildProcess[]): Promise<void> {
  let received = 0
  const obeyed = (child: ChildProcess, order: Order) =>
    new Promise<void>((resolve, reject) => {
      const receive = (message: unknown) => {
        if (message === INCREMENT) received += 1
        else {
          child.off('message', receive).off('exit', ended)
          resolve()
        }
      }
      const ended = (code: number | null, signal: string | null) => reject(new Error(`a worker ended early: ${signal ?? code}`))
      child.on('message', receive).on('exit', ended)
      child.send(order)
    })
  /** Gives each worker its order; ms until the last has obeyed. */
  const timed = async (orderFor: (worker: number) => Order) => {
    const begun = performance.now()
    await Promise.all(workers.map((child, i) => obeyed(child, orderFor(i))))
    return performance.now() - begun
  }
  const progress = (done: () => number) => ({
    rows: () => [`${bar(done(), TOTAL)} ${number(done()).padStart(9)}`],
    line: () => `${number(done())} of ${number(TOTAL)}`,
  })
  const verdict = (total: number, ms: number) => {
    assert.equal(total, TOTAL)
    print(`${paint('green', `Exactly ${number(total)}`)} in ${(ms / 1000).toFixed(2)} s, ${number((total * 1000) / ms)} a second`)
  }

  heading(1, `${WORKERS} processes increment one Value('c_int', 0) under its lock, ${number(EACH)} times each`)
  const counter = mp.Value('c_int', 0)
  const shared = await watch(
    timed(() => ({ work: 'count', counter: counter.toJSON() })),
    progress(() => counter.value),
  )
  verdict(counter.value, shared)

  heading(2, `They write metrics into one Array under a Lock; a task is the SHA-256 of 1 MiB`)
  const metrics = mp.Array('c_int', WORKERS * 3, { lock: mp.Lock() })
  // One look under the lock: counts of one moment, not of several.
  const look = () => {
    const all = metrics.withLock(() => metrics.slice())
    return workers.map((_, i) => ({ completed: all[i * 3] ?? 0, errors: all[i * 3 + 1] ?? 0, throughput: all[i * 3 + 2] ?? 0 }))
  }
  const sum = (of: 'completed' | 'errors' | 'throughput') => look().reduce((total, each) => total + each[of], 0)
  await watch(
    timed((worker) => ({ work: 'metrics', metrics: metrics.toJSON(), worker })),
    {
      rows: () =>
        look().map(
          ({ completed, errors, throughput }, i) =>
            `worker ${i + 1} ${bar(completed, TASKS)} ${number(completed).padStart(5)} tasks ${String(errors).padStart(3)} errors ${number(throughput).padStart(5)}/s`,
        ),
      line: () => `${number(sum('completed'))} of ${number(WORKERS * TASKS)} tasks, ${number(sum('errors'))} errors`,
    },
  )
  assert.deepEqual([sum('completed'), sum('errors')], [WORKERS * TASKS, (WORKERS * TASKS) / 10])
  print(`${paint('green', `Exactly ${number(WORKERS * TASKS)} tasks`)} and ${number(sum('errors'))} errors (every tenth, on purpose)`)

  heading(3, `The counting of 1 again, with a message to the parent for each increment`)
  const messages = await watch(
    timed(() => ({ work: 'send' })),
    progress(() => received),
  )
  verdict(received, messages)

  print()
  print(
    `Shared memory was ${paint(['bold', 'green'], `${(messages / shared).toFixed(0)} times as fast`)} as messages: ${number(shared)} ms against ${number(messages)} ms,`,
  )
  print('once each, just now, from the first order to the last answer, with the same processes.')
  print('Their start is in neither. Each increment is a lock taken and released, or a child.send.')
}

if (process.send === undefined) {
  print(paint('bold', `sharedctypes: ${WORKERS} forked processes, ${availableParallelism()} cores, Node ${process.version}`))
  const workers = Array.from({ length: WORKERS }, () => fork(fileURLToPath(import.meta.url)))
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  await demo(workers)
  for (const worker of workers) worker.disconnect()
} else {
  process.on('message', obey)
  process.send('ready')
}
