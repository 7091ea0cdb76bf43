/** What charts draw: the points that comparisons say belong to one curve, in units that can be compared. */
import { median } from '../measure.js'
import type { Report } from '../report.js'
import type { ComparisonResult, LineResult } from '../run.js'

export interface Spot {
  readonly x: number
  readonly value: number
  /** The smallest and the largest of all rounds. */
  readonly low: number
  readonly high: number
}

/** One line of a curve. */
export interface Series {
  readonly label: string
  readonly who: string
  readonly spots: readonly Spot[]
}

export type Quantity = 'time' | 'rate' | 'bytes' | 'share'

export interface Curve {
  readonly quantity: Quantity
  readonly series: readonly Series[]
}

/** Questions give a curve's points in whichever unit reads well there. */
const UNITS: Readonly<Record<string, readonly [Quantity, number]>> = {
  ns: ['time', 1e-9],
  µs: ['time', 1e-6],
  ms: ['time', 1e-3],
  s: ['time', 1],
  '/s': ['rate', 1],
  'k/s': ['rate', 1e3],
  'M/s': ['rate', 1e6],
  B: ['bytes', 1],
  bytes: ['bytes', 1],
  KiB: ['bytes', 2 ** 10],
  MiB: ['bytes', 2 ** 20],
  '': ['share', 1],
}

function spotOf({ samples }: LineResult, x: number, factor: number): Spot {
  const [value, low, high] = [median(samples), Math.min(...samples), Math.max(...samples)].map((each) => each * factor)
  return { x, value, low, high } as Spot
}

function pointsOf(report: Report, name: string): (ComparisonResult & { x: number })[] {
  const all = report.questions.flatMap(({ comparisons }) => comparisons)
  const own = all.flatMap((each) => (each.point?.curve === name ? [{ ...each, x: each.point.x }] : []))
  return own.sort((a, b) => a.x - b.x)
}

/**
 * The curve of this name, without the lines of such labels; undefined if this run has none of its points.
 *
 * @throws if its points are not of one quantity
 */
export function curveOf(report: Report, name: string, without?: RegExp): Curve | undefined {
  const points = pointsOf(report, name)
  const series = new Map<string, { who: string; spots: Spot[] }>()
  const quantities = new Set<Quantity>()
  for (const { lines, unit, x } of points) {
    const known = UNITS[unit]
    if (known === undefined) throw new Error(`curve ${name}: charts/curves.ts does not know the unit '${unit}'`)
    const [quantity, factor] = known
    quantities.add(quantity)
    for (const each of lines) {
      // Nothing is nowhere on a logarithmic axis: such a point stands in results.md only.
      const drawable = each.samples.length > 0 && (quantity === 'share' || Math.min(...each.samples) > 0)
      if (!drawable || without?.test(each.label)) continue
      const { spots } = series.get(each.label) ?? { spots: [] }
      series.set(each.label, { who: each.who, spots: [...spots, spotOf(each, x, factor)] })
    }
  }
  const [quantity, another] = quantities
  if (another !== undefined) throw new Error(`curve ${name} has both ${quantity} and ${another}`)
  if (quantity === undefined || series.size === 0) return undefined
  return { quantity, series: [...series].map(([label, rest]) => ({ label, ...rest })) }
}
