/** Does a large array cost more than a small one? 1 KiB to 4 GiB of doubles: to make, to attach to, the first look at a page, and an element later. */
import { attach, type Handle, RawArray } from '../../lib/index.js'
import { expectExact, measure, median } from '../measure.js'
import { answerAll, Partner } from '../partner.js'
import { type Comparison, line, type Question, type Sample, type Trials } from '../question.js'
import { cTrial, missingTrial, nodeTrial, otherTrial, pythonTrial } from '../trials.js'

const KIB = 2 ** 10
const MIB = 2 ** 20
const GIB = 2 ** 30
const SIZES = [
  ['1 KiB', KIB],
  ['32 KiB', 32 * KIB],
  ['1 MiB', MIB],
  ['32 MiB', 32 * MIB],
  ['1 GiB', GIB],
  ['4 GiB', 4 * GIB],
] as const

const BYTES = Float64Array.BYTES_PER_ELEMENT
/** Doubles of a page. */
const PAGE = 512
const MOST_PAGES = 65_536
const READS = 50_000

type Numbers = RawArray<'c_double'>

/** How many are made, all kept: of the largest one at a time is enough for the memory. */
function copies(bytes: number): number {
  return bytes <= MIB ? 40 : bytes <= 32 * MIB ? 4 : 1
}

function made<T>(count: number, make: () => T): { all: T[]; create: number } {
  const times: number[] = []
  const all = Array.from({ length: count }, () => {
    const start = performance.now()
    const one = make()
    times.push((performance.now() - start) * 1e3)
    return one
  })
  return { all, create: median(times) }
}

/** Which pages are looked at: all, or of the largest arrays so many, from one end to the other. */
function pagesOf({ length }: Float64Array): { readonly count: number; readonly step: number } {
  const count = Math.min(Math.ceil(length / PAGE), MOST_PAGES)
  return { count, step: Math.max(PAGE, length / count) }
}

/** ns of a page, written for the first time. */
function touched(numbers: Float64Array): number {
  const { count, step } = pagesOf(numbers)
  const start = performance.now()
  for (let page = 0; page < count; page++) numbers[page * step] = 1
  return ((performance.now() - start) * 1e6) / count
}

/** ns of an element here and there, on these pages. */
function read(numbers: Float64Array): number {
  const { count, step } = pagesOf(numbers)
  const onPage = Math.min(PAGE, numbers.length)
  // Odd, so that it meets all pages, which are a power of two, and the next is always far away.
  const hop = Math.floor(count * 0.618) | 1
  let place = 0
  const { ns } = measure(READS, (times) => {
    let sum = 0
    for (let i = 0; i < times; i++) {
      place = (place + hop) % count
      sum += numbers[place * step + (i % onPage)] as number
    }
    return sum
  })
  return ns
}

/** In the other process. */
function take(handles: readonly Handle[]): { readonly us: number; readonly length: number } {
  const { all, create } = made(handles.length, () => attach<Numbers>(handles[place++] as Handle))
  place = 0
  return { us: create, length: all.at(-1)?.length ?? 0 }
}
let place = 0

export const trials = {
  taker: () => answerAll(take),
  async arrays(bytes) {
    const length = bytes / BYTES
    // Of a segment of its own, so that neither side does this for the first time.
    const warm = RawArray('c_double', MIB)
    const partner = Partner.process({ url: import.meta.url, trial: 'taker' })
    await partner.ask([warm.toJSON()])
    const { all, create } = made(copies(bytes), () => RawArray('c_double', length))
    const taken = await partner.ask<ReturnType<typeof take>>(all.map((each) => each.toJSON()))
    await partner.stop()
    expectExact('length of an array that arrived', taken.length, length)
    const last = all.at(-1) as Numbers
    return { create, attach: taken.us, touch: touched(last), read: read(last) }
  },
  sharedBuffers(bytes): Sample {
    new SharedArrayBuffer(MIB)
    const { all, create } = made(copies(bytes), () => new Float64Array(new SharedArrayBuffer(bytes)))
    const last = all.at(-1) as Float64Array
    return { create, touch: touched(last), read: read(last) }
  },
} satisfies Trials

type Metric = 'create' | 'attach' | 'touch' | 'read'
const wanted: readonly { metric: Metric; what: string; unit: string }[] = [
  { metric: 'create', what: 'to make', unit: 'µs' },
  { metric: 'attach', what: 'to attach to', unit: 'µs' },
  { metric: 'touch', what: 'a page written for the first time', unit: 'ns' },
  { metric: 'read', what: 'an element read later, here and there', unit: 'ns' },
]

const tooLong = missingTrial('CPython', 'its making writes zeros to every page: four times as long as for 1 GiB')

function comparisons([name, bytes]: (typeof SIZES)[number]): Comparison[] {
  const size = { full: bytes, quick: bytes >= GIB ? 0 : bytes }
  const own = nodeTrial(import.meta.url, 'arrays', size)
  const others = [
    {
      label: 'C, memfd, fallocate, mmap',
      trial: cTrial('growth_arrays.c', 'arrays', size),
      metrics: ['create', 'attach', 'touch', 'read'],
    },
    {
      label: 'CPython, RawArray',
      trial: bytes > GIB ? tooLong : pythonTrial('growth_arrays.py', 'arrays', size),
      metrics: ['create', 'touch', 'read'],
    },
    { label: 'CPython, SharedMemory by name', trial: pythonTrial('growth_arrays.py', 'blocks', size), metrics: ['attach'] },
    {
      label: 'Float64Array of a SharedArrayBuffer',
      trial: otherTrial('Node', import.meta.url, 'sharedBuffers', size),
      metrics: ['create', 'touch', 'read'],
    },
  ]
  return wanted.map(({ metric, what, unit }) => {
    const lines = others.flatMap(({ label, trial, metrics }) => (metrics.includes(metric) ? line(label, trial, undefined, metric) : []))
    return {
      what: `${name}, ${what}`,
      unit,
      point: { curve: `growth-arrays.${metric}`, x: bytes },
      lines: [line('ours, RawArray', own, undefined, metric), ...lines] as const,
    }
  })
}

export const question: Question = {
  name: 'growth-arrays',
  title:
    'Arrays of doubles, from 1 KiB to 4 GiB; their pages are there from the start in ours, as in CPython, whose making sets them to zero',
  comparisons: SIZES.flatMap(comparisons),
}
