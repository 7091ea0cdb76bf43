/**
 * What do 1 GB of float64 cost to hand over, in time and in memory? "Shared Memory: Core Concepts" says of CPython: 2 s to pickle, 1 s through a pipe, 2 s
 * to unpickle, 2 GB of peak memory. The other process is there already; it looks at a number of each page and answers with their sum. Once, without a
 * warm-up. In a quick run it is 64 MB.
 */
import { readFileSync } from 'node:fs'
import { attach, type Handle, RawArray } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { answerAll, Partner } from '../partner.js'
import { type Comparison, type Line, line, type Question, type Sample, type Trials } from '../question.js'
import type { ComparisonResult } from '../run.js'
import { nodeTrial, otherTrial, pythonTrial } from '../trials.js'

/** Doubles of a page. */
const STEP = 512
const NUMBER = 1.5
const BYTES = Float64Array.BYTES_PER_ELEMENT

type Numbers = RawArray<'c_double'>
interface Answer {
  readonly sum: number
  readonly peak: number
}

/** MB that this process has had in memory at most, shared pages included. */
function peakMB(): number {
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024) / 1e6
}

function read(numbers: Float64Array): Answer {
  let sum = 0
  for (let i = 0; i < numbers.length; i += STEP) sum += numbers[i] as number
  return { sum, peak: peakMB() }
}

/** @param hand - hands n numbers over: is timed */
async function measured(n: number, partner: Partner, hand: () => Promise<Answer>, both: (taker: number) => number): Promise<Sample> {
  const start = performance.now()
  const { sum, peak } = await hand()
  const ms = performance.now() - start
  expectExact('sum of the numbers looked at', sum, NUMBER * Math.ceil(n / STEP))
  const sample = { ms, mb: both(peak) }
  await partner.stop()
  return sample
}

const inTwo = (taker: number) => peakMB() + taker
const inOne = () => peakMB()
/** Of pages that both had, and both have looked at. */
const inTwoShared = (n: number) => (taker: number) => inTwo(taker) - (n * BYTES) / 1e6

async function ready(partner: Partner): Promise<Partner> {
  await partner.ask<Answer>(new Float64Array(0))
  return partner
}

const taker = { url: import.meta.url, trial: 'taker' }
const child = () => ready(Partner.process(taker, 'advanced'))
const worker = () => ready(Partner.worker(taker))

export const trials = {
  taker: () =>
    answerAll((given: Float64Array | Handle) => {
      return read(given instanceof Float64Array ? given : attach<Numbers>(given))
    }),
  async madeThere(n) {
    const partner = await child()
    const array = RawArray('c_double', n).fill(NUMBER) as Numbers
    return measured(n, partner, () => partner.ask(array.toJSON()), inTwoShared(n))
  },
  async copiedIn(n) {
    const partner = await child()
    const numbers = new Float64Array(n).fill(NUMBER)
    const hand = () => {
      const array = RawArray('c_double', n)
      array.set(numbers)
      return partner.ask<Answer>(array.toJSON())
    }
    return measured(n, partner, hand, inTwoShared(n))
  },
  async advanced(n) {
    const partner = await child()
    const numbers = new Float64Array(n).fill(NUMBER)
    return measured(n, partner, () => partner.ask(numbers), inTwo)
  },
  async posted(n) {
    const partner = await worker()
    const numbers = new Float64Array(n).fill(NUMBER)
    return measured(n, partner, () => partner.ask(numbers), inOne)
  },
  async transferred(n) {
    const partner = await worker()
    const numbers = new Float64Array(n).fill(NUMBER)
    return measured(n, partner, () => partner.ask(numbers, [numbers.buffer]), inOne)
  },
} satisfies Trials

const size = { full: 125_000_000, quick: 8_000_000 }
const ours = (name: keyof typeof trials) => nodeTrial(import.meta.url, name, size)
const node = (name: keyof typeof trials) => otherTrial('Node', import.meta.url, name, size)
const cpython = (name: string) => pythonTrial('one_gigabyte.py', name, size)

const madeThere = ours('madeThere')
const pipe = cpython('pipe')
/** The steps of a Queue, one by one. */
const PIPE = 'CPython, pickle and Pipe, as a Queue does it'

const lines = (metric: string): [Line, ...Line[]] => [
  line('ours, made in the Array', madeThere, undefined, metric),
  line('ours, copied into a new Array', ours('copiedIn'), undefined, metric),
  line('child.send, advanced serialization', node('advanced'), undefined, metric),
  line('worker.postMessage, a copy', node('posted'), undefined, metric),
  line('worker.postMessage, transferred', node('transferred'), undefined, metric),
  line(PIPE, pipe, undefined, metric),
  line('CPython, copied into a new SharedMemory', cpython('shared'), undefined, metric),
]

const parts: Comparison = {
  what: "the parts of CPython's way through a Pipe",
  unit: 'ms',
  lines: [
    line('ours, made in the Array, all of it', madeThere, undefined, 'ms'),
    line('CPython, pickle', pipe, undefined, 'pickled'),
    line('CPython, through the pipe', pipe, undefined, 'piped'),
    line('CPython, unpickle', pipe, undefined, 'unpickled'),
  ],
}

function conclude([time, memory, went]: readonly ComparisonResult[]): string[] {
  const figure = (of: ComparisonResult | undefined, label: string) => of?.lines.find((each) => each.label === label)?.median
  const [pickled, piped, unpickled] = (went?.lines.slice(1) ?? []).map(({ median }) => median)
  const [all, mb] = [figure(time, PIPE), figure(memory, PIPE)]
  if (pickled === undefined || piped === undefined || unpickled === undefined || all === undefined || mb === undefined) return []
  const s = (ms: number) => (ms / 1e3).toFixed(2)
  return [
    `CPython here: ${s(pickled)} s to pickle, ${s(piped)} s through the pipe, ${s(unpickled)} s to unpickle, ${s(all)} s in all, ` +
      `${(mb / 1e3).toFixed(2)} GB; said of 1 GB: 2 s, 1 s, 2 s, 5 s, 2 GB`,
  ]
}

export const question: Question = {
  name: 'one-gigabyte',
  title: '1 GB of float64 handed over to another process that is there (in a quick run 64 MB)',
  comparisons: [
    { what: 'until its answer', unit: 'ms', lines: lines('ms') },
    { what: 'peak memory of both processes together, pages that they share counted once', unit: 'MB', lines: lines('mb') },
    parts,
  ],
  conclude,
}
