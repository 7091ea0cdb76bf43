/** How fast do two processes count together, each taking the lock for every step? */
import { Process, RawArray, RawValue, Value } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { cTrial, exactly, nodeTrial, pythonTrial } from '../trials.js'

const WORKERS = 2
type Counter = Value<'c_int'>
type Gate = RawValue<'c_int'>
type Times = RawArray<'c_double'>

/** hrtime is CLOCK_MONOTONIC: one clock for all processes. */
const now = () => Number(process.hrtime.bigint())

function increment(counter: Counter, n: number): void {
  for (let i = 0; i < n; i++) {
    counter.withLock(() => {
      counter.value += 1
    })
  }
}

const WARM_UP = 100_000

/** The worker. Waits at the gate until all are there, so that neither the start of a process counts nor its compiler's warm-up. */
export function count(counter: Counter, gate: Gate, times: Times, worker: number, n: number): void {
  increment(Value('c_int'), WARM_UP)
  gate.add(1)
  while (gate.value < WORKERS);
  times[2 * worker] = now()
  increment(counter, n)
  times[2 * worker + 1] = now()
}

export const trials = {
  async withLock(n) {
    const counter = Value('c_int')
    const gate = RawValue('c_int')
    const times = RawArray('c_double', 2 * WORKERS)
    const args = (worker: number) => [counter, gate, times, worker, n]
    const workers = Array.from({ length: WORKERS }, (_, i) => new Process(count, args(i), { module: import.meta.url }).start())
    for (const worker of workers) await worker.join()
    expectExact('withLock of two processes', counter.value, WORKERS * n)
    return { ns: (Math.max(...times) - Math.min(...times)) / (WORKERS * n) }
  },
} satisfies Trials

export const question: Question = {
  name: 'contention',
  title: 'Two processes, 1,000,000 locked increments each of one Value (wall time of both, for each increment)',
  comparisons: [
    {
      what: 'v.withLock(() => { v.value += 1 })',
      unit: 'ns',
      lines: [
        line('ours, Process', nodeTrial(import.meta.url, 'withLock', exactly(1_000_000))),
        line('C, fork and robust pthread mutex', cTrial('contention.c', 'locked', exactly(1_000_000))),
        line('CPython, multiprocessing.Process', pythonTrial('contention.py', 'locked', exactly(1_000_000)), { timesFaster: 8 }),
      ],
    },
  ],
}
