/**
 * From which size on is it worth while to share a list? Two processes double all integers of a list, a half each: the measurement of
 * V.-P. Ranganath, "Performance of System V Style Shared Memory Support in Python 3.8" (2019), in which CPython's ShareableList was up to 6,792
 * times behind lists that were sent.
 */
import type { SerializationType } from 'node:child_process'
import { Semaphore, ShareableList, Array as SharedArray } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { Partner } from '../partner.js'
import { type Bar, type Comparison, type Line, line, type Question, type Trial, type Trials } from '../question.js'
import type { ComparisonResult } from '../run.js'
import { shares, Team, throughGates, work } from '../team.js'
import { usEach } from '../times.js'
import { nodeTrial, otherTrial, pythonTrial } from '../trials.js'

const LARGEST = 999_999
const SIZES = [99, 999, 9999, 99_999, LARGEST] as const
type Size = (typeof SIZES)[number]

const numbersUpTo = (length: number) => Array.from({ length }, (_, i) => i)

function expectDoubled(numbers: ArrayLike<number>, length: number): void {
  expectExact('numbers', numbers.length, length)
  for (let i = 0; i < length; i++) expectExact('a number doubled', numbers[i] as number, 2 * i)
}

/** What one way takes for a list of so many: the median of n times, in µs. */
type Way = (n: number, length: number, team: Team) => Promise<number>

const byMessages: Way = async (n, length, team) => {
  const numbers = numbersUpTo(length)
  let doubled: number[] = []
  const us = await usEach(n, async () => {
    doubled = (await team.ask<number[]>(shares(length).map(({ from, to }) => numbers.slice(from, to)))).flat()
  })
  expectDoubled(doubled, length)
  return us
}

/** @param cut - a copy for threads: a view would be posted with all of what it is a view of */
const byTypedMessages =
  (cut: 'slice' | 'subarray'): Way =>
  async (n, length, team) => {
    const numbers = Int32Array.from(numbersUpTo(length))
    const doubled = new Int32Array(length)
    const us = await usEach(n, async () => {
      const orders = shares(length).map(({ from, to }) => numbers[cut](from, to))
      let end = 0
      for (const chunk of await team.ask<Int32Array>(orders)) {
        doubled.set(chunk, end)
        end += chunk.length
      }
    })
    expectDoubled(doubled, length)
    return us
  }

/** Doubled where it is, from the same numbers each time. */
const byArray: Way = async (n, length, team) => {
  const array = SharedArray('c_int', numbersUpTo(length))
  const before = array.slice()
  await team.share({ data: array.toJSON() }, length)
  const us = await usEach(
    n,
    () => team.ask(shares(length)),
    () => array.set(before),
  )
  expectDoubled(array, length)
  return us
}

/** In a team of its own, which waits at its gates from now on. */
const byArrayAndSemaphores: Way = async (n, length) => {
  const array = SharedArray('c_int', numbersUpTo(length))
  const before = array.slice()
  const gates = shares(length).map(() => Semaphore(0))
  const done = Semaphore(0)
  const team = new Team(child())
  await team.share({ data: array.toJSON(), gates: gates.map((gate) => gate.toJSON()), done: done.toJSON() }, length)
  const us = await usEach(
    n,
    () => throughGates(gates, done),
    () => array.set(before),
  )
  await team.stop()
  expectDoubled(array, length)
  return us
}

/** From plain numbers to plain numbers. */
const byArrayCopied: Way = async (n, length, team) => {
  const numbers = numbersUpTo(length)
  const array = SharedArray('c_int', length)
  let doubled: number[] = []
  await team.share({ data: array.toJSON() }, length)
  const us = await usEach(n, async () => {
    array.set(numbers)
    await team.ask(shares(length))
    doubled = Array.from(array)
  })
  expectDoubled(doubled, length)
  return us
}

async function onList(length: number, team: Team, body: (list: ShareableList) => Promise<number>): Promise<number> {
  const list = new ShareableList(numbersUpTo(length))
  try {
    await team.share({ data: list.toJSON() }, length)
    return await body(list)
  } finally {
    list.close()
    list.unlink()
  }
}

const byList: Way = (n, length, team) =>
  onList(length, team, async (list) => {
    const { buf } = list.shm
    const before = Buffer.from(buf)
    const restore = () => buf.set(before)
    const us = await usEach(n, () => team.ask(shares(length)), restore)
    expectDoubled([...list] as number[], length)
    return us
  })

const byListCopied: Way = (n, length, team) =>
  onList(length, team, async (list) => {
    const numbers = numbersUpTo(length)
    let doubled: number[] = []
    const us = await usEach(n, async () => {
      for (let i = 0; i < length; i++) list.set(i, numbers[i] as number)
      await team.ask(shares(length))
      doubled = [...list] as number[]
    })
    expectDoubled(doubled, length)
    return us
  })

/** How many times in a full run; a quarter of them in a quick one, and there the largest not at all. */
const TIMES: Readonly<Record<Size, number>> = { 99: 400, 999: 200, 9999: 40, 99999: 8, 999999: 2 }
const EFFORT = { full: 4, quick: 1 }

const worker = { url: import.meta.url, trial: 'worker' }
const child = (serialization?: SerializationType) => () => Partner.process(worker, serialization)
const thread = () => Partner.worker(worker)

/** us_99, us_999, …: one team for all sizes. */
const allSizes = (way: Way, start: () => Partner) => async (n: number) => {
  const team = new Team(start)
  const sample: Record<string, number | null> = {}
  try {
    for (const size of SIZES) {
      const leftOut = n < EFFORT.full && size === LARGEST
      sample[`us_${size}`] = leftOut ? null : await way(Math.ceil((TIMES[size] * n) / EFFORT.full), size, team)
    }
    return sample
  } finally {
    await team.stop()
  }
}

export const trials = {
  worker: () => work(),
  json: allSizes(byMessages, child('json')),
  advanced: allSizes(byMessages, child('advanced')),
  typed: allSizes(byTypedMessages('subarray'), child('advanced')),
  posted: allSizes(byMessages, thread),
  postedTyped: allSizes(byTypedMessages('slice'), thread),
  array: allSizes(byArray, child()),
  arrayAndSemaphores: allSizes(byArrayAndSemaphores, child()),
  arrayCopied: allSizes(byArrayCopied, child()),
  list: allSizes(byList, child()),
  listCopied: allSizes(byListCopied, child()),
} satisfies Trials

const ours = (name: keyof typeof trials) => nodeTrial(import.meta.url, name, EFFORT)
const node = (name: keyof typeof trials) => otherTrial('Node', import.meta.url, name, EFFORT)
const cpython = (name: string) => pythonTrial('doubling.py', name, EFFORT)

const [array, arrayAndSemaphores, arrayCopied, list, listCopied] = [
  ours('array'),
  ours('arrayAndSemaphores'),
  ours('arrayCopied'),
  ours('list'),
  ours('listCopied'),
]
const sent = [
  ['child.send, advanced serialization', node('advanced')],
  ['child.send, JSON', node('json')],
] as const
const typed = node('typed')
const [posted, postedTyped] = [node('posted'), node('postedTyped')]
const [pool, pythonsArray, pythonsList] = [cpython('messages'), cpython('array'), cpython('shareableList')]

function comparisons(size: Size): [Comparison, Comparison] {
  const us = (label: string, trial: Trial, bar?: Bar) => line(label, trial, bar, `us_${size}`)
  const messages = (bar?: Bar): Line[] => sent.map(([label, trial]) => us(label, trial, bar))
  const ahead: Bar | undefined = size >= 9999 ? { timesFaster: 1 } : undefined
  const what = `${size.toLocaleString('en-US')} ints`
  const others = [us('worker.postMessage of lists', posted), us('worker.postMessage of an Int32Array', postedTyped)]
  return [
    {
      what: `${what}, in a shared Array`,
      unit: 'µs',
      lines: [
        us('ours', array),
        ...messages(ahead),
        us('child.send of an Int32Array, advanced', typed, ahead),
        ...others,
        us('ours, told by a Semaphore, not a message', arrayAndSemaphores),
        us('ours, copied in and out each time', arrayCopied),
        us('CPython, lists through a Pool', pool),
        us('CPython, Array', pythonsArray),
      ],
    },
    {
      what: `${what}, in a ShareableList`,
      unit: 'µs',
      lines: [
        us('ours', list),
        ...messages({ atMostTimes: 3 }),
        us('child.send of an Int32Array, advanced', typed),
        ...others,
        us('ours, set and got item by item each time', listCopied),
        us('CPython, lists through a Pool', pool),
        us('CPython, ShareableList', pythonsList),
      ],
    },
  ]
}

/** From which size on the first line of each comparison is ahead of the line of this label. */
function aheadFrom(kind: readonly ComparisonResult[], label: string): string {
  const ahead = kind.flatMap(({ lines }) => {
    const ratio = lines.find((each) => each.label === label)?.ratio
    return ratio === undefined ? [] : [ratio < 1]
  })
  const first = ahead.lastIndexOf(false) + 1
  if (first === 0) return 'at all sizes'
  return first === ahead.length ? 'at no size up to the largest' : `from ${(SIZES[first] as number).toLocaleString('en-US')} ints on`
}

/** The comparisons are two for each size. */
function conclude(all: readonly ComparisonResult[]): string[] {
  return ['Array', 'ShareableList'].flatMap((name, place) => {
    const kind = all.filter((_, i) => i % 2 === place)
    const rivals = (kind[0]?.lines ?? []).filter(({ label, median }) => !label.startsWith('ours') && median !== undefined)
    return rivals.map(({ label }) => `${name} ahead of ${label}: ${aheadFrom(kind, label)}`)
  })
}

export const question: Question = {
  name: 'doubling',
  title: 'All ints of a list doubled by two processes, which were started before and are told by a message (Ranganath 2019)',
  comparisons: SIZES.flatMap(comparisons),
  conclude,
}
