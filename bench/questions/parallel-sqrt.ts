/** How much sooner is an array done if several processes share the work? Square roots of 8,388,608 doubles in place, by 1, 2 and 4 workers. */
import { fileURLToPath } from 'node:url'
import { Process, RawArray, Semaphore } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { Partner } from '../partner.js'
import { type Part, parts } from '../parts.js'
import { beside, inTime, PATIENCE_MS } from '../processes.js'
import { type Comparison, line, type Question, type Sample, type Trials } from '../question.js'
import { type Task, takeRoots } from '../rooter.js'
import { usEach } from '../times.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial } from '../trials.js'

const WORKERS = [1, 2, 4] as const
const MOST = 4
const PASSES = 5
/** What is slower by far does so many times fewer, and is compared by element. */
const FEWER = 8

type Numbers = RawArray<'c_double'>

function expectRoots(numbers: ArrayLike<number>, length: number): void {
  expectExact('numbers', numbers.length, length)
  for (let i = 0; i < length; i += 997) expectExact('a square root', numbers[i] as number, Math.sqrt(i))
}

const numbersUpTo = (length: number) => Float64Array.from({ length }, (_, i) => i)

/** ns_1, ns_2, ns_4: of an element, the median of the passes; `before` each the numbers are put back. */
async function byWorkers(length: number, before: () => unknown, pass: (parts: readonly Part[]) => unknown): Promise<Sample> {
  const sample: Record<string, number> = {}
  for (const workers of WORKERS) {
    const all = parts(length, workers)
    sample[`ns_${workers}`] = ((await usEach(PASSES, () => pass(all), before)) * 1e3) / length
  }
  return sample
}

/** The target of ours: does the part that stands there each time the gate opens; an empty one is the last. */
export function work(numbers: Numbers, part: RawArray<'c_int'>, gate: Semaphore, done: Semaphore): void {
  for (;;) {
    inTime(gate.acquire(PATIENCE_MS))
    const [from = 0, to = 0] = part
    takeRoots(numbers, from, to)
    done.release()
    if (from === to) return
  }
}

/** The target of those who do one pass and end. */
export function workOnce(numbers: Numbers, { from, to }: Part): void {
  takeRoots(numbers, from, to)
}

/** ms of one pass by two workers, their start and end included. */
async function startedMs(pass: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await pass()
  return performance.now() - start
}

async function ours(length: number): Promise<Sample> {
  const source = numbersUpTo(length)
  const numbers = RawArray('c_double', length)
  const done = Semaphore(0)
  const workers = Array.from({ length: MOST }, () => ({ part: RawArray('c_int', 2), gate: Semaphore(0) }))
  const children = workers.map(({ part, gate }) => new Process(work, [numbers, part, gate, done], { module: import.meta.url }).start())
  const pass = (all: readonly Part[]) => {
    all.forEach(({ from, to }, i) => {
      workers[i]?.part.set([from, to])
      workers[i]?.gate.release()
    })
    for (const _ of all) inTime(done.acquire(PATIENCE_MS))
  }
  const restore = () => numbers.set(source)
  try {
    const sample = await byWorkers(length, restore, pass)
    expectRoots(numbers, length)
    await beside(children, () => pass(parts(0, children.length)))
    return { ...sample, ms: await oursStarted(numbers, source) }
  } finally {
    for (const child of children) child.kill()
  }
}

async function oursStarted(numbers: Numbers, source: Float64Array): Promise<number> {
  numbers.set(source)
  const ms = await startedMs(async () => {
    const children = parts(source.length, 2).map((part) => new Process(workOnce, [numbers, part], { module: import.meta.url }).start())
    for (const child of children) await child.join()
  })
  expectRoots(numbers, source.length)
  return ms
}

const program = fileURLToPath(new URL('../rooter.js', import.meta.url))

function teamOf(size: number, start: () => Partner): { ask<T>(tasks: readonly Task[]): Promise<T[]>; stop(): Promise<unknown> } {
  const partners = Array.from({ length: size }, start)
  return {
    ask: <T>(tasks: readonly Task[]) =>
      Promise.all(tasks.map((task, i) => (partners[i] as Partner).ask<T>(task, task instanceof Float64Array ? [task.buffer] : []))),
    stop: () => Promise.all(partners.map((each) => each.stop())),
  }
}

async function inThreads(length: number): Promise<Sample> {
  const source = numbersUpTo(length)
  const numbers = new Float64Array(new SharedArrayBuffer(source.byteLength))
  const restore = () => numbers.set(source)
  const team = teamOf(MOST, () => Partner.worker(program))
  await team.ask(Array.from({ length: MOST }, () => ({ shared: numbers })))
  const sample = await byWorkers(length, restore, (all) => team.ask(all))
  await team.stop()
  restore()
  const ms = await startedMs(async () => {
    const two = teamOf(2, () => Partner.worker(program))
    await two.ask([{ shared: numbers }, { shared: numbers }])
    await two.ask(parts(length, 2))
    await two.stop()
  })
  expectRoots(numbers, length)
  return { ...sample, ms }
}

/** Each gets its chunk, and sends it back. */
async function inChunks(length: number, start: () => Partner, chunk: (numbers: Float64Array, part: Part) => Task): Promise<Sample> {
  const source = numbersUpTo(length)
  const numbers = new Float64Array(length)
  const team = teamOf(MOST, start)
  const sample = await byWorkers(
    length,
    () => numbers.set(source),
    async (all) => {
      const chunks = await team.ask<ArrayLike<number>>(all.map((part) => chunk(numbers, part)))
      all.forEach(({ from }, i) => {
        numbers.set(chunks[i] as ArrayLike<number>, from)
      })
    },
  )
  await team.stop()
  expectRoots(numbers, length)
  return sample
}

const copy = (numbers: Float64Array, { from, to }: Part) => numbers.slice(from, to)

export const trials = {
  ours,
  async alone(length) {
    const source = numbersUpTo(length)
    const numbers = new Float64Array(length)
    const us = await usEach(
      PASSES,
      () => takeRoots(numbers, 0, length),
      () => numbers.set(source),
    )
    expectRoots(numbers, length)
    return { ns: (us * 1e3) / length, ms: us / 1e3 }
  },
  threads: inThreads,
  posted: (length) => inChunks(length, () => Partner.worker(program), copy),
  advanced: (length) => inChunks(length / 2, () => Partner.process(program, 'advanced'), copy),
  json: (length) =>
    inChunks(
      length / FEWER / 2,
      () => Partner.process(program),
      (numbers, part) => Array.from(copy(numbers, part)),
    ),
} satisfies Trials

const lengths = { full: 2 ** 23, quick: 2 ** 20 }
const node = (name: keyof typeof trials) => otherTrial('Node', import.meta.url, name, lengths)

const own = nodeTrial(import.meta.url, 'ours', lengths)
const alone = node('alone')
const threads = node('threads')
const [posted, advanced, json] = [node('posted'), node('advanced'), node('json')]
const c = cTrial('parallel_sqrt.c', 'shared', lengths)
const cpython = pythonTrial('parallel_sqrt.py', 'shared', lengths)

const comparison = (workers: number): Comparison => {
  const metric = `ns_${workers}`
  return {
    what: workers === 1 ? '1 worker' : `${workers} workers`,
    unit: 'ns',
    point: { curve: 'parallel-sqrt', x: workers },
    lines: [
      line('ours, Processes on a RawArray', own, undefined, metric),
      line('C, fork', c, undefined, metric),
      line('a typed array, no worker', alone, undefined, 'ns'),
      line('worker threads on a SharedArrayBuffer', threads, undefined, metric),
      line('worker.postMessage of chunks, transferred', posted, undefined, metric),
      line('child.send of chunks, advanced, half as many', advanced, undefined, metric),
      line('child.send of chunks, JSON, a 16th of them', json, undefined, metric),
      line('CPython, RawArray, an 8th of them', cpython, undefined, metric),
    ],
  }
}

const started: Comparison = {
  what: 'all of them once, by 2 workers, with their start and end: ms',
  unit: 'ms',
  lines: [
    line('ours, Processes on a RawArray', own, undefined, 'ms'),
    line('C, fork', c, undefined, 'ms'),
    line('a typed array, no worker', alone, undefined, 'ms'),
    line('worker threads on a SharedArrayBuffer', threads, undefined, 'ms'),
  ],
}

export const question: Question = {
  name: 'parallel-sqrt',
  title: 'Square roots in place by workers that are there, per element: of 8,388,608 doubles, in a quick run of 1,048,576',
  comparisons: [...WORKERS.map(comparison), started],
}
