/**
 * A handle in a worker thread's workerData. Answers "Is shared memory safe across threads within a process?" of reference 5: here, the same
 * lock does for threads and processes.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { attach, Value } from 'sharedctypes'

const THREADS = 2
const TIMES = 50_000

function count(counter: Value<'c_int'>): void {
  for (let i = 0; i < TIMES; i++) {
    using _ = counter.hold()
    counter.value += 1
  }
}

if (isMainThread) {
  const counter = Value('c_int', 0)
  const threads = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url), { workerData: counter.toJSON() }))
  const ended = threads.map((thread) => once(thread, 'exit'))
  await Promise.all(threads.map((thread) => once(thread, 'message')))
  count(counter)
  assert.deepEqual((await Promise.all(ended)).flat(), [0, 0])
  assert.equal(counter.value, (THREADS + 1) * TIMES)
  console.log(`${THREADS + 1} threads, ${TIMES} locked increments each: ${counter.value}`)
} else {
  const counter = attach<Value<'c_int'>>(workerData)
  parentPort?.postMessage('ready')
  count(counter)
}
