/** Where axes begin and end, what they are marked with, and what their marks are called. */
import type { Quantity } from './curves.js'
import { textWidth } from './theme.js'

interface Scale {
  readonly type: 'log' | 'linear'
  readonly domain: readonly [number, number]
}

export interface Axis extends Scale {
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

/** Where on an axis of this length, from its start. */
export function placeOn({ type, domain: [from, to] }: Scale, at: number, length: number): number {
  const share = type === 'log' ? Math.log(at / from) / Math.log(to / from) : (at - from) / (to - from)
  return share * length
}

type Steps = readonly (readonly [number, string])[]

const STEPS: Readonly<Record<Exclude<Quantity, 'share'>, Steps>> = {
  time: [
    [1, ' s'],
    [1e-3, ' ms'],
    [1e-6, ' µs'],
    [1e-9, ' ns'],
  ],
  rate: [
    [1e6, ' M/s'],
    [1e3, ' k/s'],
    [1, ' /s'],
  ],
  bytes: [
    [2 ** 30, ' GiB'],
    [2 ** 20, ' MiB'],
    [2 ** 10, ' KiB'],
    [1, ' B'],
  ],
}

/** With three significant digits at most, and the largest unit of which it is 1 or more. */
export function quantityText(value: number, quantity: Quantity): string {
  if (quantity === 'share') return String(value)
  const steps = STEPS[quantity]
  // 1e-6 / 1e-9 is a little less than 1,000, and 999.99 ns are to be 1 µs.
  const [size, unit] = steps.find(([each]) => value >= each * 0.9995) ?? (steps.at(-1) as Steps[number])
  return `${Number((value / size).toPrecision(3)).toLocaleString('en-US')}${unit}`
}

/** Between the texts of marks beside each other. */
const ROOM_BETWEEN = 8

/** At most this many marks fit one above the other. */
const MOST_TICKS = 6

interface Step {
  readonly at: number
  /** Whether it may be marked where there are many. */
  readonly round: boolean
}

/** Powers of two for bytes; else 1, 2 and 5 times powers of ten. As literals: 10 ** -9 is not 1e-9. */
function stepsAround(low: number, high: number, quantity: Quantity): Step[] {
  const base = quantity === 'bytes' ? 2 : 10
  const [from, to] = [low, high].map((each) => Math.floor(Math.log(each) / Math.log(base))) as [number, number]
  return Array.from({ length: to - from + 3 }, (_, i) => i + from - 1).flatMap((power) =>
    base === 2
      ? [{ at: 2 ** power, round: power % 2 === 0 }]
      : [1, 2, 5].map((mantissa) => ({ at: Number(`${mantissa}e${power}`), round: mantissa === 1 })),
  )
}

/** So many times the smallest value is the largest one at least, or lines that differ by nothing would seem to differ. */
const LEAST_SPAN = 8
/** Beyond the values, as a share of what is between them. */
const MARGIN = 0.04

/** For values: all of them are on it. */
export function valueAxis(values: readonly number[], quantity: Quantity): Axis {
  if (quantity === 'share') {
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: String(at) }))
    return { type: 'linear', domain: [0, 1], ticks }
  }
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const beyond = Math.max((high / low) ** MARGIN, Math.sqrt(LEAST_SPAN / (high / low)))
  const domain = [low / beyond, high * beyond] as const
  const steps = stepsAround(...domain, quantity).filter(({ at }) => at >= domain[0] && at <= domain[1])
  const round = steps.filter((each) => each.round)
  let shown = steps.length <= MOST_TICKS || round.length < 2 ? steps : round
  while (shown.length > MOST_TICKS) shown = shown.filter((_, i) => i % 2 === 0)
  return { type: 'log', domain, ticks: shown.map(({ at }) => ({ at, text: quantityText(at, quantity) })) }
}

/** For what was varied: where there are points, and their names; marked as far as the names have room. */
export function pointAxis(points: ReadonlyMap<number, string>, width: number): Axis {
  const all = [...points.keys()].sort((a, b) => b - a)
  const [last = 1, first = last] = [all[0], all.at(-1)]
  // One point alone stays in the middle.
  const scale: Scale = { type: 'log', domain: first === last ? [first / 2, last * 2] : [first, last] }
  const ticks: { at: number; text: string }[] = []
  let free = Number.POSITIVE_INFINITY
  for (const at of all) {
    const text = points.get(at) as string
    const half = textWidth(text) / 2
    const place = placeOn(scale, at, width)
    if (place + half > free) continue
    ticks.push({ at, text })
    free = place - half - ROOM_BETWEEN
  }
  return { ...scale, ticks }
}
