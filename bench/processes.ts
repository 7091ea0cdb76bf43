/** For trials with several processes that wait for each other. bench/c/processes.h and python/processes.py do the same. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { type Process, Semaphore } from '../lib/index.js'
import { expectExact, median, percentiles } from './measure.js'
import type { Sample } from './question.js'

/** Rounds between two looks at the clock: few, so that a process put off by the scheduler spoils one batch and not the median. */
const BATCH = 100

/** How long one waits for another, who may have been killed: long enough for a child's start on a busy machine. */
export const PATIENCE_MS = 10_000

export function inTime(came: boolean): void {
  if (!came) throw new Error(`nobody came within ${PATIENCE_MS} ms`)
}

/** Does the rounds 1 … `last`, and looks at the clock before them and after each so many. */
function looksAt(last: number, every: number, round: (i: number) => void): Float64Array {
  const looks = new Float64Array(Math.floor(last / every) + 1)
  looks[0] = performance.now()
  for (let i = 1; i <= last; i++) {
    round(i)
    if (i % every === 0) looks[i / every] = performance.now()
  }
  return looks
}

async function looksAtAsync(last: number, every: number, round: (i: number) => Promise<void>): Promise<Float64Array> {
  const looks = new Float64Array(Math.floor(last / every) + 1)
  looks[0] = performance.now()
  for (let i = 1; i <= last; i++) {
    await round(i)
    if (i % every === 0) looks[i / every] = performance.now()
  }
  return looks
}

/** µs for each round from one look to the next, less the first tenth, which is the warm-up. */
function usBetween(looks: Float64Array, every: number): Float64Array {
  const all = looks.slice(1).map((at, i) => ((at - (looks[i] as number)) * 1e3) / every)
  return all.subarray(Math.floor(all.length / 10))
}

const perRound = (looks: Float64Array): Sample => ({ us: median([...usBetween(looks, BATCH)]) })
const ofEach = (looks: Float64Array): Sample => percentiles(usBetween(looks, 1))

/** `us`: the median of the batches. */
export const usPerRound = (last: number, round: (i: number) => void) => perRound(looksAt(last, BATCH, round))
export const usPerRoundAsync = async (last: number, round: (i: number) => Promise<void>) => perRound(await looksAtAsync(last, BATCH, round))

/** `p50` … `p99.99` and `max` of what each took by itself, with a look at the clock. */
export const usOfEach = (last: number, round: (i: number) => void) => ofEach(looksAt(last, 1, round))
export const usOfEachAsync = async (last: number, round: (i: number) => Promise<void>) => ofEach(await looksAtAsync(last, 1, round))

/** The CPUs that a thread of this process may use. */
function cpusOf(thread: string): number[] {
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync(`/proc/${thread}/status`, 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** Before it takes one: afterwards it would find that one only. */
const CPUS = cpusOf('thread-self')
const cpuOf = (place: number) => CPUS[place % CPUS.length] as number

/**
 * Moves this thread, and the children it will start, to one of its CPUs, counted from 0 and around. Where the scheduler puts processes that
 * wake each other makes a difference of 30 times, and is another place each time.
 */
export function takeCpu(place: number): void {
  const mask = 1n << BigInt(cpuOf(place))
  execFileSync('taskset', ['-p', mask.toString(16), String(process.pid)], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** The same for one of several processes that are on different CPUs. */
export function takeOwnCpu(place: number): void {
  // The library counts the CPUs at its first wait, once. Later it would find one, and think that all others are on it.
  Semaphore(0).acquire(1)
  takeCpu(place)
}

/** @throws unless this thread, or another of this process, is on the CPU of each place, and on no other */
export function expectOnCpus(places: readonly number[]): void {
  const threads = readdirSync('/proc/self/task').map((thread) => cpusOf(`self/task/${thread}`).join())
  for (const place of places) expectExact(`threads on CPU ${cpuOf(place)} alone`, Number(threads.includes(`${cpuOf(place)}`)), 1)
}

/** Plays a part beside children that are running. They end with it, also where it fails. */
export async function beside<T>(children: readonly Process[], part: () => T): Promise<T> {
  try {
    const result = part()
    for (const child of children) {
      await child.join()
      expectExact('exit code of a child', child.exitcode ?? Number.NaN, 0)
    }
    return result
  } finally {
    for (const child of children) child.kill()
  }
}
