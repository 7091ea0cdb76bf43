/**
 * From which size on is it worth while to share a list? Two processes double all integers of a list, a half each: the measurement of
 * V.-P. Ranganath, "Performance of System V Style Shared Memory Support in Python 3.8" (2019), in which CPython's ShareableList was up to 6,792
 * times behind lists that were sent.
 */
import type { SerializationType } from 'node:child_process'
import { Semaphore, ShareableList, Array as SharedArray } from '../../lib/index.js'
import { expectExact, median } from '../measure.js'
import { type Bar, type Comparison, type Line, line, type Question, type Sample, type Trial, type Trials } from '../question.js'
import type { ComparisonResult } from '../run.js'
import { parts, Team, throughGates, work } from '../team.js'
import { nodeTrial, pythonTrial } from '../trials.js'

const SIZES = [99, 999, 9999, 99_999, 999_999] as const
type Size = (typeof SIZES)[number]

/** The median of n times; a quarter of them more go before, as the warm-up. */
async function usEach(n: number, once: () => unknown, before: () => void = () => {}): Promise<Sample> {
  const times: number[] = []
  for (let i = -Math.ceil(n / 4); i < n; i++) {
    before()
    const start = performance.now()
    await once()
    if (i >= 0) times.push((performance.now() - start) * 1e3)
  }
  return { us: median(times) }
}

const numbersUpTo = (length: number) => Array.from({ length }, (_, i) => i)

function expectDoubled(numbers: ArrayLike<number>, length: number): void {
  expectExact('numbers', numbers.length, length)
  for (let i = 0; i < length; i++) expectExact('a number doubled', numbers[i] as number, 2 * i)
}

async function byMessages(n: number, length: number, serialization: SerializationType): Promise<Sample> {
  const numbers = numbersUpTo(length)
  let doubled: number[] = []
  const team = new Team(import.meta.url, serialization)
  const sample = await usEach(n, async () => {
    doubled = (await team.ask<number[]>(parts(length).map(({ from, to }) => numbers.slice(from, to)))).flat()
  })
  team.stop()
  expectDoubled(doubled, length)
  return sample
}

async function byTypedMessages(n: number, length: number): Promise<Sample> {
  const numbers = Int32Array.from(numbersUpTo(length))
  const doubled = new Int32Array(length)
  const team = new Team(import.meta.url, 'advanced')
  const sample = await usEach(n, async () => {
    const orders = parts(length).map(({ from, to }) => numbers.subarray(from, to))
    let end = 0
    for (const chunk of await team.ask<Int32Array>(orders)) {
      doubled.set(chunk, end)
      end += chunk.length
    }
  })
  team.stop()
  expectDoubled(doubled, length)
  return sample
}

/** Doubled where it is, from the same numbers each time. */
async function byArray(n: number, length: number): Promise<Sample> {
  const array = SharedArray('c_int', numbersUpTo(length))
  const before = array.slice()
  const team = new Team(import.meta.url)
  await team.share({ data: array.toJSON() }, length)
  const sample = await usEach(
    n,
    () => team.ask(parts(length)),
    () => array.set(before),
  )
  team.stop()
  expectDoubled(array, length)
  return sample
}

async function byArrayAndSemaphores(n: number, length: number): Promise<Sample> {
  const array = SharedArray('c_int', numbersUpTo(length))
  const before = array.slice()
  const gates = parts(length).map(() => Semaphore(0))
  const done = Semaphore(0)
  const team = new Team(import.meta.url)
  await team.share({ data: array.toJSON(), gates: gates.map((gate) => gate.toJSON()), done: done.toJSON() }, length)
  const sample = await usEach(
    n,
    () => throughGates(gates, done),
    () => array.set(before),
  )
  team.stop()
  expectDoubled(array, length)
  return sample
}

/** From plain numbers to plain numbers. */
async function byArrayCopied(n: number, length: number): Promise<Sample> {
  const numbers = numbersUpTo(length)
  const array = SharedArray('c_int', length)
  let doubled: number[] = []
  const team = new Team(import.meta.url)
  await team.share({ data: array.toJSON() }, length)
  const sample = await usEach(n, async () => {
    array.set(numbers)
    await team.ask(parts(length))
    doubled = Array.from(array)
  })
  team.stop()
  expectDoubled(doubled, length)
  return sample
}

async function onList(length: number, body: (list: ShareableList, team: Team) => Promise<Sample>): Promise<Sample> {
  const list = new ShareableList(numbersUpTo(length))
  const team = new Team(import.meta.url)
  try {
    await team.share({ data: list.toJSON() }, length)
    return await body(list, team)
  } finally {
    team.stop()
    list.close()
    list.unlink()
  }
}

const byList = (n: number, length: number) =>
  onList(length, async (list, team) => {
    const { buf } = list.shm
    const before = Buffer.from(buf)
    const restore = () => buf.set(before)
    const sample = await usEach(n, () => team.ask(parts(length)), restore)
    expectDoubled([...list] as number[], length)
    return sample
  })

const byListCopied = (n: number, length: number) =>
  onList(length, async (list, team) => {
    const numbers = numbersUpTo(length)
    let doubled: number[] = []
    const sample = await usEach(n, async () => {
      for (let i = 0; i < length; i++) list.set(i, numbers[i] as number)
      await team.ask(parts(length))
      doubled = [...list] as number[]
    })
    expectDoubled(doubled, length)
    return sample
  })

const variants = {
  json: (n: number, length: number) => byMessages(n, length, 'json'),
  advanced: (n: number, length: number) => byMessages(n, length, 'advanced'),
  typed: byTypedMessages,
  array: byArray,
  arrayAndSemaphores: byArrayAndSemaphores,
  arrayCopied: byArrayCopied,
  list: byList,
  listCopied: byListCopied,
} as const

/** array_99, json_999999, … */
export const trials: Trials = {
  async worker() {
    await work()
    return {}
  },
  ...Object.fromEntries(
    Object.entries(variants).flatMap(([name, measured]) => SIZES.map((size) => [`${name}_${size}`, (n: number) => measured(n, size)])),
  ),
}

const TIMES: Readonly<Record<Size, { readonly node: number; readonly python: number }>> = {
  99: { node: 2000, python: 400 },
  999: { node: 1000, python: 200 },
  9999: { node: 200, python: 20 },
  99999: { node: 40, python: 4 },
  999999: { node: 8, python: 1 },
}

function comparisons(size: Size): [Comparison, Comparison] {
  const { node, python } = TIMES[size]
  const times = (full: number) => ({ full, quick: Math.ceil(full / 4) })
  const ours = (name: keyof typeof variants) => nodeTrial(import.meta.url, `${name}_${size}`, times(node))
  const cpython = (name: string) => pythonTrial('doubling.py', `${name}_${size}`, times(python))
  const messages = [
    ['child.send, advanced serialization', ours('advanced')],
    ['child.send, JSON', ours('json')],
  ] as const
  const typed = ours('typed')
  const pool = cpython('messages')
  const us = (label: string, trial: Trial, bar?: Bar) => line(label, trial, bar, 'us')
  const sent = (bar?: Bar): Line[] => messages.map(([label, trial]) => us(label, trial, bar))
  const ahead: Bar | undefined = size >= 9999 ? { timesFaster: 1 } : undefined
  const what = `${size.toLocaleString('en-US')} ints`
  return [
    {
      what: `${what}, in a shared Array`,
      unit: 'µs',
      lines: [
        us('ours', ours('array')),
        ...sent(ahead),
        us('child.send of an Int32Array, advanced', typed, ahead),
        us('ours, told by a Semaphore, not a message', ours('arrayAndSemaphores')),
        us('ours, copied in and out each time', ours('arrayCopied')),
        us('CPython, lists through a Pool', pool),
        us('CPython, Array', cpython('array')),
      ],
    },
    {
      what: `${what}, in a ShareableList`,
      unit: 'µs',
      lines: [
        us('ours', ours('list')),
        ...sent({ atMostTimes: 3 }),
        us('child.send of an Int32Array, advanced', typed),
        us('ours, set and got item by item each time', ours('listCopied')),
        us('CPython, lists through a Pool', pool),
        us('CPython, ShareableList', cpython('shareableList')),
      ],
    },
  ]
}

/** From which size on the first line of each comparison is ahead of the line of this label. */
function aheadFrom(kind: readonly ComparisonResult[], label: string): string {
  const ahead = kind.map(({ lines }) => (lines.find((each) => each.label === label)?.ratio ?? Number.POSITIVE_INFINITY) < 1)
  const first = ahead.lastIndexOf(false) + 1
  if (first === 0) return 'at all sizes'
  return first === SIZES.length ? 'at no size up to the largest' : `from ${(SIZES[first] as number).toLocaleString('en-US')} ints on`
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
