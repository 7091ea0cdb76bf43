/** What does a lock give to 1, 2, 4 and 8 processes that all want it, again and again: how often in all, how evenly, and how soon? */
import { Process, RawArray, RawValue, Value } from '../../lib/index.js'
import { CROWDS, contention } from '../contenders.js'
import { expectExact, PERCENTILES } from '../measure.js'
import { type Comparison, type Iterations, line, type Question, type Trial, type Trials } from '../question.js'
import { cTrial, exactly, nodeTrial, otherTrial, pythonTrial, uninstallable } from '../trials.js'

const PAIR = 2
type Counter = Value<'c_int'>

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

/** One of the two. Waits at the gate until both are there, so that neither the start of a process counts nor its compiler's warm-up. */
export function count(counter: Counter, gate: RawValue<'c_int'>, times: RawArray<'c_double'>, worker: number, n: number): void {
  increment(Value('c_int'), WARM_UP)
  gate.add(1)
  while (gate.value < PAIR);
  times[2 * worker] = now()
  increment(counter, n)
  times[2 * worker + 1] = now()
}

export const trials = {
  async increments(n) {
    const counter = Value('c_int')
    const gate = RawValue('c_int')
    const times = RawArray('c_double', 2 * PAIR)
    const args = (worker: number) => [counter, gate, times, worker, n]
    const workers = Array.from({ length: PAIR }, (_, i) => new Process(count, args(i), { module: import.meta.url }).start())
    for (const worker of workers) await worker.join()
    expectExact('withLock of two processes', counter.value, PAIR * n)
    return { ns: (Math.max(...times) - Math.min(...times)) / (PAIR * n) }
  },
  ours: (ms) => contention('ours', ms),
  oursAsync: (ms) => contention('oursAsync', ms),
  atomics: (ms) => contention('atomics', ms, true),
  osLock: (ms) => contention('osLock', ms),
  properLockfile: (ms) => contention('properLockfile', ms),
  lmdb: (ms) => contention('lmdb', ms),
  redis: (ms) => contention('redis', ms),
} satisfies Trials

/** How long each phase is, in ms. */
const MS: Iterations = { full: 200, quick: 20 }
const other = (who: string, name: keyof typeof trials) => otherTrial(who, import.meta.url, name, MS)

interface Contender {
  readonly label: string
  readonly trial: Trial
  /** Of so few acquisitions no further percentile can be said. */
  readonly lastPercentile?: number
}

const contenders: readonly [Contender, ...Contender[]] = [
  { label: 'ours, Lock', trial: nodeTrial(import.meta.url, 'ours', MS) },
  { label: 'ours, acquireAsync', trial: nodeTrial(import.meta.url, 'oursAsync', MS) },
  { label: 'C, robust pthread mutex', trial: cTrial('contended_lock.c', 'contention', MS) },
  { label: 'CPython, multiprocessing.Lock', trial: pythonTrial('contended_lock.py', 'contention', MS) },
  { label: 'Node, worker threads, mutex of Atomics.wait and notify', trial: other('Node', 'atomics') },
  { label: 'lmdb, transactionSync', trial: other('lmdb', 'lmdb') },
  { label: 'os-lock, lock of a file', trial: other('os-lock', 'osLock'), lastPercentile: 99 },
  { label: 'redis, SET NX PX, retried after 1 to 3 ms, released by Lua', trial: other('redis', 'redis'), lastPercentile: 99 },
  { label: 'proper-lockfile, lock, retried after 1 to 3 ms', trial: other('proper-lockfile', 'properLockfile'), lastPercentile: 90 },
]

const posixSemaphore = uninstallable('posix-semaphore')

function lines(metric: string, percentile = 0): Comparison['lines'] {
  const [ours, ...others] = contenders
  const rest = others.filter(({ lastPercentile = 100 }) => percentile <= lastPercentile)
  return [line(ours.label, ours.trial, undefined, metric), ...rest.map(({ label, trial }) => line(label, trial, undefined, metric))]
}

const processes = (crowd: number) => `${crowd} ${crowd === 1 ? 'process' : 'processes'}`

const rates = CROWDS.map(
  (crowd): Comparison => ({
    what: `acquisitions of all together, ${processes(crowd)}`,
    unit: 'k/s',
    more: true,
    point: { curve: 'contended-lock.throughput', x: crowd },
    // What can't be had says so once.
    lines: crowd === 1 ? [...lines('rate_1'), line('posix-semaphore', posixSemaphore, undefined, 'rate_1')] : lines(`rate_${crowd}`),
  }),
)

const fairness = CROWDS.slice(1).map(
  (crowd): Comparison => ({
    what: `fairness, the least share of a process to the greatest, ${processes(crowd)}`,
    unit: '',
    more: true,
    point: { curve: 'contended-lock.fairness', x: crowd },
    lines: lines(`fairness_${crowd}`),
  }),
)

const waits = CROWDS.flatMap((crowd): Comparison[] => [
  ...PERCENTILES.map(
    (percentile): Comparison => ({
      what: `one acquisition, p${percentile}, ${processes(crowd)}`,
      unit: 'µs',
      point: { curve: `contended-lock.latency-${crowd}`, x: percentile },
      lines: lines(`p${percentile}_${crowd}`, percentile),
    }),
  ),
  { what: `one acquisition, the longest of the last 32,768 of each, ${processes(crowd)}`, unit: 'µs', lines: lines(`max_${crowd}`) },
])

export const question: Question = {
  name: 'contended-lock',
  title: 'One lock that several want: they take it, count, let it go, and take it again',
  comparisons: [
    {
      what: 'two processes, 1,000,000 × v.withLock(() => { v.value += 1 }) each (wall time of both, for each increment)',
      unit: 'ns',
      lines: [
        line('ours, Process', nodeTrial(import.meta.url, 'increments', exactly(1_000_000))),
        line('C, fork and robust pthread mutex', cTrial('contended_lock.c', 'increments', exactly(1_000_000))),
        line('CPython, multiprocessing.Process', pythonTrial('contended_lock.py', 'increments', exactly(1_000_000)), { timesFaster: 8 }),
      ],
    },
    ...rates,
    ...fairness,
    ...waits,
  ],
}
