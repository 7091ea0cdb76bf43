/**
 * Does an object cost more where there are many? 10 to 100,000 Values with their locks: to make each, to attach to each in another process, to take the
 * lock of one after another here and there, and shared bytes of each.
 */
import { attach, type Handle, Value } from '../../lib/index.js'
import { expectExact, measure } from '../measure.js'
import { answerAll, Partner } from '../partner.js'
import { type Comparison, type Line, line, type Question, type Sample, type Trial, type Trials } from '../question.js'
import { segments, sum } from '../segments.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial } from '../trials.js'

const COUNTS = [10, 100, 1000, 10_000, 100_000] as const
/** Coprime to all counts, and so far that the next one is elsewhere: all of them are met in turn. */
const HOP = 7919

type Counter = Value<'c_int'>

/** µs of each; all are kept. */
function made<T>(count: number, make: (i: number) => T): { all: T[]; create: number } {
  const all: T[] = []
  const start = performance.now()
  for (let i = 0; i < count; i++) all.push(make(i))
  return { all, create: ((performance.now() - start) * 1e3) / count }
}

/** ns to take a lock, read what it guards, and let it go. */
function used<T>(uses: number, all: readonly T[], use: (one: T) => number): number {
  let place = 0
  const loop = (times: number) => {
    let total = 0
    for (let i = 0; i < times; i++) {
      place = (place + HOP) % all.length
      total += use(all[place] as T)
    }
    return total
  }
  return measure(uses, loop).ns
}

const read = (value: Counter) => {
  value.acquire()
  const number = value.value
  value.release()
  return number
}

/** So that the first ones that are measured are not the first ones of the process. */
const WARM_UP = 2000
const USES = 50_000

async function values(count: number): Promise<Sample> {
  const warm = made(WARM_UP, (i) => Value('c_int', i)).all
  const { all, create } = made(count, (i) => Value('c_int', i))
  const partner = Partner.process({ url: import.meta.url, trial: 'taker' })
  await partner.ask(JSON.stringify(warm))
  const { us, total } = await partner.ask<Taken>(JSON.stringify(all))
  await partner.stop()
  expectExact('sum of the values that arrived', total, (count * (count - 1)) / 2)
  return { create, attach: us / count, use: used(USES, all, read) }
}

/** Without any before them: with few, it is the least that a process takes. */
function bytes(count: number): Sample {
  const { all } = made(count, (i) => Value('c_int', i))
  return { bytes: sum(segments()) / all.length }
}

interface Taken {
  readonly us: number
  readonly total: number
}

let kept: Counter[] = []

function take(json: string): Taken {
  const handles = JSON.parse(json) as Handle[]
  const start = performance.now()
  const taken = handles.map((handle) => attach<Counter>(handle))
  const us = (performance.now() - start) * 1e3
  kept = [...kept, ...taken]
  return { us, total: sum(taken.map(({ value }) => value)) }
}

/** What threads of one process could have: a word that is the lock, and a number, in memory of their own. */
function words(count: number): Sample {
  const word = (i: number) => new Int32Array(new SharedArrayBuffer(8)).fill(i, 1)
  made(WARM_UP, word)
  const { all, create } = made(count, word)
  const use = used(USES, all, (one) => {
    while (Atomics.compareExchange(one, 0, 0, 1) !== 0) Atomics.wait(one, 0, 1)
    const number = one[1] as number
    Atomics.store(one, 0, 0)
    return number
  })
  return { create, use }
}

export const trials = { values, bytes, taker: () => answerAll(take), words } satisfies Trials

type Metric = 'create' | 'attach' | 'bytes' | 'use'
const wanted: readonly { metric: Metric; what: string; unit: string }[] = [
  { metric: 'create', what: 'to make each', unit: 'µs' },
  { metric: 'attach', what: 'to attach to each by handle in another process', unit: 'µs' },
  { metric: 'use', what: 'acquire, read, release, here and there', unit: 'ns' },
  { metric: 'bytes', what: 'shared memory of each', unit: 'bytes' },
]

/** All trials for so many. */
function trialsFor(count: number): {
  own(metric: Metric): Trial
  others: readonly { label: string; trial: Trial; metrics: readonly Metric[] }[]
} {
  // Making so many takes seconds.
  const iterations = { full: count, quick: count > 1_000 ? 0 : count }
  const [values, bytes] = [nodeTrial(import.meta.url, 'values', iterations), nodeTrial(import.meta.url, 'bytes', iterations)]
  return {
    own: (metric) => (metric === 'bytes' ? bytes : values),
    others: [
      { label: 'C, mutexes in one mapping', trial: cTrial('growth_objects.c', 'values', iterations), metrics: ['create', 'use', 'bytes'] },
      { label: 'CPython, Values', trial: pythonTrial('growth_objects.py', 'values', iterations), metrics: ['create', 'use', 'bytes'] },
      { label: 'CPython, given to a spawned child', trial: pythonTrial('growth_objects.py', 'spawned', iterations), metrics: ['attach'] },
      {
        label: 'SharedArrayBuffers of 8 bytes, a lock by Atomics',
        trial: otherTrial('Node', import.meta.url, 'words', iterations),
        metrics: ['create', 'use'],
      },
    ],
  }
}

function comparisons(count: number): Comparison[] {
  const { own, others } = trialsFor(count)
  return wanted.map(({ metric, what, unit }) => {
    const lines: Line[] = others.flatMap(({ label, trial, metrics }) =>
      metrics.includes(metric) ? line(label, trial, undefined, metric) : [],
    )
    return {
      what: `${count.toLocaleString('en-US')} objects, ${what}`,
      unit,
      point: { curve: `growth-objects.${metric}`, x: count },
      lines: [line('ours, Values', own(metric), undefined, metric), ...lines] as const,
    }
  })
}

export const question: Question = {
  name: 'growth-objects',
  title: 'Values with their locks, from 10 to 100,000',
  comparisons: COUNTS.flatMap(comparisons),
}
