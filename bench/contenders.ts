/**
 * Up to eight parties that take one lock again and again, for as long as they are let: how often they get it in all, how evenly, and how
 * long each has to wait. bench/c/contended_lock.c and python/contended_lock.py do the same.
 */
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { attach, type Handle, Process, RawArray, Semaphore } from '../lib/index.js'
import { type Hold, type HoldAsync, type KindName, kinds } from './locks.js'
import { expectExact, percentiles } from './measure.js'
import { inTime, PATIENCE_MS } from './processes.js'
import type { Sample } from './question.js'

/** How many contend. */
export const CROWDS = [1, 2, 4, 8] as const
const PARTIES = 8

/** One after another, each for a while. Clocks are read only where times are asked for: they cost more than some locks. */
interface Phase {
  readonly crowd: number
  readonly timed: boolean
  readonly measured: boolean
}
const PHASES: readonly Phase[] = [
  ...[false, true].map((timed) => ({ crowd: PARTIES, timed, measured: false })),
  ...[false, true].flatMap((timed) => CROWDS.map((crowd) => ({ crowd, timed, measured: true }))),
]

/** Of how many acquisitions a party remembers the time: of the last ones, where there were more. */
const REMEMBERED = 2 ** 15

// Where in `words` they are, each on a cache line of its own. The moment is odd while a phase runs.
const MOMENT = 0
const COUNTER = 16

interface Board {
  readonly words: RawArray<'c_int'>
  readonly counts: RawArray<'c_double'>
  readonly times: RawArray<'c_double'>
  readonly done: Semaphore
}
type Handles = { readonly [Each in keyof Board]: Handle }

const boardOf = ({ words, counts, times, done }: Handles): Board => ({
  words: attach(words),
  counts: attach(counts),
  times: attach(times),
  done: attach(done),
})

const startOf = (phase: number) => 2 * phase + 1

/** What a party does in one phase: takes the lock until the moment is over, and says how often it did. */
interface Part {
  readonly which: number
  readonly words: Int32Array
  readonly moment: number
  readonly times: Float64Array | undefined
}

function workOf({ words, times }: Part): { work(): void; look(): void } {
  const count = () => {
    // No atomic operation: it's the lock that makes the total exact.
    words[COUNTER] = (words[COUNTER] as number) + 1
  }
  if (times === undefined) return { work: count, look: () => {} }
  let start = 0
  let next = 0
  return {
    look() {
      start = performance.now()
    },
    work() {
      times[next++ % REMEMBERED] = performance.now() - start
      count()
    },
  }
}

function contendBlocking(hold: Hold, part: Part): number {
  const { work, look } = workOf(part)
  let taken = 0
  do {
    look()
    hold(part.which, work)
    taken++
  } while (Atomics.load(part.words, MOMENT) === part.moment)
  return taken
}

async function contendAsync(hold: HoldAsync, part: Part): Promise<number> {
  const { work, look } = workOf(part)
  let taken = 0
  do {
    look()
    await hold(part.which, work)
    taken++
  } while (Atomics.load(part.words, MOMENT) === part.moment)
  return taken
}

/** By themselves, before any phase: a crowd may leave one of them no time for it. */
const WARM_UP_MS = 50

/** With a lock of its own, and no other's words, where the moment is never right: each time the lock is taken once. */
async function warmUp(party: number, contend: (part: Part) => number | Promise<number>): Promise<void> {
  const words = new Int32Array(2 * COUNTER)
  const parts = [undefined, new Float64Array(REMEMBERED)].map((times) => ({ which: 1 + party, words, moment: startOf(0), times }))
  let taken = 0
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) for (const part of parts) taken += await contend(part)
  expectExact('increments by itself', words[COUNTER] as number, taken)
}

/** A party, in a process or a thread of its own. */
export async function contend(name: KindName, place: unknown, handles: Handles, party: number): Promise<void> {
  const { words, counts, times, done } = boardOf(handles)
  const { hold, holdAsync, close } = await kinds[name].open(place)
  const own = times.subarray(party * REMEMBERED, (party + 1) * REMEMBERED).fill(0) // touched, so that no page is new later
  const run = (part: Part) => (hold === undefined ? contendAsync(holdAsync as HoldAsync, part) : contendBlocking(hold, part))
  await warmUp(party, run)
  done.release()
  for (const [i, { crowd, timed }] of PHASES.entries()) {
    if (party >= crowd) continue
    const moment = startOf(i)
    for (let now = Atomics.load(words, MOMENT); now < moment; now = Atomics.load(words, MOMENT))
      inTime(words.wait(MOMENT, now, PATIENCE_MS) !== 'timed-out')
    counts[party] = await run({ which: 0, words, moment, times: timed ? own : undefined })
    done.release()
  }
  close?.()
}

const inThread = `
  const { workerData: { url, args } } = require('node:worker_threads')
  import(url).then(({ contend }) => contend(...args))
`

/** Starts a party, and gives what to wait for in the end. */
function start(threads: boolean, args: Parameters<typeof contend>): () => Promise<unknown> {
  if (!threads) {
    const child = new Process(contend, args, { module: import.meta.url }).start()
    return async () => {
      await child.join()
      expectExact('exit code of a child', child.exitcode ?? Number.NaN, 0)
    }
  }
  const worker = new Worker(inThread, { eval: true, workerData: { url: import.meta.url, args } })
  const ended = new Promise((resolve, reject) => worker.once('error', reject).once('exit', resolve))
  return () => ended
}

/** What one phase showed, `ms` long. */
function sampleOf({ crowd, timed }: Phase, { counts, times }: Board, ms: number): Sample {
  const taken = counts.slice(0, crowd)
  if (timed) {
    const all = Array.from(taken, (count, party) => times.subarray(party * REMEMBERED, party * REMEMBERED + Math.min(count, REMEMBERED)))
    const us = Float64Array.from(
      all.flatMap((each) => [...each]),
      (each) => each * 1e3,
    )
    return percentiles(us, `_${crowd}`)
  }
  // Each was at it when time was over: that one doesn't count.
  const inside = taken.map((count) => count - 1)
  const most = Math.max(...inside)
  return {
    [`rate_${crowd}`]: inside.reduce((sum, each) => sum + each, 0) / ms,
    [`fairness_${crowd}`]: most === 0 ? 0 : Math.min(...inside) / most,
  }
}

/** All phases, each `ms` long: `rate_2` in k/s, `fairness_2` as min/max share, `p50_2` … `p99.99_2` in µs, and so for each crowd. */
export async function contention(name: KindName, ms: number, threads = false): Promise<Sample> {
  const board: Board = {
    words: RawArray('c_int', 2 * COUNTER),
    counts: RawArray('c_double', PARTIES),
    times: RawArray('c_double', PARTIES * REMEMBERED),
    done: Semaphore(0),
  }
  const { words, counts, done } = board
  const handles: Handles = { words: words.toJSON(), counts: counts.toJSON(), times: board.times.toJSON(), done: done.toJSON() }
  const place = await kinds[name].make(1 + PARTIES)
  const ends = Array.from({ length: PARTIES }, (_, party) => start(threads, [name, place, handles, party]))
  const allDone = async (crowd: number) => {
    for (let i = 0; i < crowd; i++) inTime(await done.acquireAsync({ timeout: PATIENCE_MS }))
  }
  await allDone(PARTIES)
  let sample: Sample = {}
  let taken = 0
  for (const [i, phase] of PHASES.entries()) {
    const begin = performance.now()
    Atomics.store(words, MOMENT, startOf(i))
    words.notify(MOMENT)
    await setTimeout(ms)
    Atomics.store(words, MOMENT, startOf(i) + 1)
    const took = performance.now() - begin
    await allDone(phase.crowd)
    taken += counts.slice(0, phase.crowd).reduce((sum, each) => sum + each, 0)
    if (phase.measured) sample = { ...sample, ...sampleOf(phase, board, took) }
  }
  for (const end of ends) await end()
  expectExact('increments under the lock', words[COUNTER] as number, taken)
  return sample
}
