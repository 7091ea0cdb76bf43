/** How many times faster than CPython: a bar for each telling operation, those where CPython is ahead among them. */
import { median } from '../measure.js'
import type { Bar } from '../question.js'
import type { Report } from '../report.js'
import type { Chart } from './chart.js'
import { OPERATIONS, type Operation } from './operations.js'
import type { Part } from './spec.js'
import { CPYTHON, colourOf, MARGIN, OURS, type Theme, WIDTH } from './theme.js'

interface Row {
  readonly name: string
  readonly ratio: number
  readonly low: number
  readonly high: number
  readonly text: string
  readonly demanded?: number
}

function demandedBy(bar: Bar | undefined): number | undefined {
  if (bar === undefined || 'atMost' in bar) return undefined
  return 'timesFaster' in bar ? bar.timesFaster : 1 / bar.atMostTimes
}

function ratioText(ratio: number): string {
  if (ratio >= 9.95) return `${Math.round(ratio).toLocaleString('en-US')} ×`
  return `${ratio.toFixed(ratio < 0.995 ? 2 : 1)} ×`
}

function rowOf({ name, question, what, ours: own = /^ours/, cpython = /^CPython/ }: Operation, report: Report): Row | undefined {
  const comparisons = report.questions.find((each) => each.name === question)?.comparisons
  const comparison = comparisons?.find((each) => what.test(each.what))
  const ours = comparison?.lines.find((each) => own.test(each.label))
  const theirs = comparison?.lines.find((each) => cpython.test(each.label))
  if (comparison === undefined || ours === undefined || theirs === undefined) return undefined
  if (ours.samples.length === 0 || theirs.samples.length === 0) return undefined
  const times = (own: number, other: number) => (comparison.more ? own / other : other / own)
  const ratios = theirs.samples.map((figure, round) => times(ours.samples[round] as number, figure))
  const ratio = median(ratios)
  const demanded = demandedBy(theirs.bar)
  const row = { name, ratio, low: Math.min(...ratios), high: Math.max(...ratios), text: ratioText(ratio) }
  return demanded === undefined ? row : { ...row, demanded }
}

const NAMES = 330
const STEP = 23
const ROOM_FOR_FIGURES = 60

const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

function encodings(rows: readonly Row[]): { x: Part; y: Part } {
  const ends = rows.flatMap(({ low, high, demanded = 1 }) => [1, low, high, demanded])
  const from = TICKS.findLast((each) => each <= Math.min(...ends)) ?? 0.1
  const to = TICKS.find((each) => each >= Math.max(...ends)) ?? Math.max(...ends)
  const values = TICKS.filter((each) => each >= from && each <= to && /^(0\.)?0*1/.test(String(each)))
  const axis = { title: null, values, labelExpr: "format(datum.value, ',') + ' ×'", orient: 'top', labelOverlap: false, labelFlush: false }
  return {
    x: { type: 'quantitative', scale: { type: 'log', domain: [from, to], nice: false }, axis },
    y: { field: 'name', type: 'nominal', sort: null, axis: { title: null, minExtent: NAMES, maxExtent: NAMES, labelPadding: 10 } },
  }
}

function layers(rows: readonly Row[], theme: Theme): Part[] {
  const { x, y } = encodings(rows)
  const colour = { condition: { test: 'datum.ratio < 1', value: colourOf(CPYTHON, theme) }, value: colourOf(OURS, theme) }
  const demanded = rows.filter((each) => each.demanded !== undefined)
  return [
    {
      mark: { type: 'bar', height: { band: 0.62 } },
      encoding: { y, x: { ...x, field: 'ratio' }, x2: { datum: 1 }, color: colour },
    },
    {
      mark: { type: 'rule', color: theme.text, strokeWidth: 1 },
      encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
    },
    // With an edge of the background's colour, so that it shows on bars too.
    ...[
      { color: theme.background, thickness: 5, size: 20 },
      { color: theme.text, thickness: 2.5, size: 20 },
    ].map((look) => ({
      data: { values: demanded },
      mark: { type: 'tick', opacity: 1, ...look },
      encoding: { y, x: { ...x, field: 'demanded' } },
    })),
    {
      mark: { type: 'rule', color: theme.quiet, strokeWidth: 1.5 },
      data: { values: [{}] },
      encoding: { x: { ...x, datum: 1 } },
    },
    {
      // Beside the bars' end, behind what varies.
      transform: [{ calculate: 'max(datum.high, 1, datum.demanded || 0)', as: 'end' }],
      mark: { type: 'text', align: 'left', dx: 7, fontWeight: 'bold' },
      encoding: { y, x: { ...x, field: 'end' }, text: { field: 'text' } },
    },
  ]
}

function content(report: Report): ReturnType<Chart['content']> {
  const all = OPERATIONS.map((operation) => ({ operation, row: rowOf(operation, report) }))
  const rows = all.flatMap(({ row }) => row ?? []).sort((a, b) => b.ratio - a.ratio)
  if (rows.length === 0) return undefined
  const draw = (theme: Theme): Part => ({
    width: WIDTH - 2 * MARGIN - NAMES - ROOM_FOR_FIGURES,
    height: { step: STEP },
    data: { values: rows },
    layer: layers(rows, theme),
  })
  return { draw, leftOut: all.filter(({ row }) => row === undefined).map(({ operation }) => `'${operation.name}'`) }
}

export const ratios: Chart = {
  name: 'ratios',
  title: "How many times faster than CPython's multiprocessing",
  subtitle:
    'Orange: CPython is faster. Thick tick: what is demanded. Thin line: from the lowest to the highest of all rounds. Logarithmic.',
  content,
}
