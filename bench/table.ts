/** Results as text: aligned columns, one block for each question. */
import type { Bar } from './question.js'
import { type ComparisonResult, hasFailed, type LineResult, type QuestionResult } from './run.js'

/** Three significant digits, and no more than whole numbers need. */
function figure(value: number): string {
  const size = Math.abs(value)
  return size >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en-US') : value.toFixed(size >= 10 ? 1 : 2)
}

const withUnit = (value: number, unit: string) => `${figure(value)} ${unit}`.trim()

function barText(bar: Bar, unit: string): string {
  if ('atMost' in bar) return `at most ${withUnit(bar.atMost, unit)}`
  return 'atMostTimes' in bar ? `at most ${bar.atMostTimes} × its time` : `at least ${bar.timesFaster} × faster`
}

/** Ours against a line: better or worse, in the words of the bar where there is one. */
function ratioText({ ratio, bar }: LineResult, { unit, more: moreIsBetter = false }: ComparisonResult): string {
  if (ratio === undefined || !Number.isFinite(ratio) || ratio <= 0) return ''
  if (moreIsBetter) return `${figure(ratio)} × as much`
  const better = bar === undefined ? ratio < 1 : 'timesFaster' in bar
  const [less, more] = /^(n|µ|m)?s$/.test(unit) ? ['faster', 'its time'] : ['less', 'as much']
  return better ? `${figure(1 / ratio)} × ${less}` : `${figure(ratio)} × ${more}`
}

/** Of a line: what it is, its median, spread, ours beside it, what is demanded, and whether that is met. */
export function cells(line: LineResult, comparison: ComparisonResult): string[] {
  const { unit } = comparison
  if (line.median === undefined) return [line.label, 'not here', '', '', '', line.missing ?? '']
  return [
    line.label,
    withUnit(line.median, unit),
    `${figure(Math.min(...line.samples))} … ${figure(Math.max(...line.samples))}`,
    ratioText(line, comparison),
    line.bar === undefined ? '' : barText(line.bar, unit),
    line.met === undefined ? '' : line.met ? 'met' : 'MISSED',
  ]
}

export const HEAD = ['', 'median', 'spread', 'ours is', 'bar', '']
const RIGHT_ALIGNED = new Set([1, 2, 3])

export function table({ title, comparisons, conclusions }: QuestionResult): string {
  const rows = comparisons.map((each) => ({ what: each.what, cells: each.lines.map((line) => cells(line, each)) }))
  const all = [HEAD, ...rows.flatMap(({ cells }) => cells)]
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => (row[column] as string).length)))
  const text = (row: readonly string[]) =>
    `    ${row.map((cell, i) => (RIGHT_ALIGNED.has(i) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number))).join('   ')}`.trimEnd()
  return [
    `\n${title}`,
    text(HEAD),
    ...rows.flatMap(({ what, cells }) => [`  ${what}`, ...cells.map(text)]),
    ...conclusions.map((each) => `  ${each}`),
  ].join('\n')
}

/** How many bars are met, and which are not. */
export function summary(results: readonly QuestionResult[]): string {
  const judged = results.flatMap(({ name, comparisons }) =>
    comparisons.flatMap((each) =>
      each.lines.flatMap((line) =>
        line.bar === undefined || line.median === undefined
          ? []
          : [{ met: line.met === true, text: `${name}: ${each.what}: ${row(line, each)}` }],
      ),
    ),
  )
  const failed = results.flatMap(({ name, comparisons }) =>
    comparisons.flatMap(({ what, lines }) => lines.filter(hasFailed).map(({ label, missing }) => `${name}: ${what}: ${label}, ${missing}`)),
  )
  const missed = judged.filter(({ met }) => !met)
  return [
    `\n${judged.length} bars: ${judged.length - missed.length} met, ${missed.length} missed`,
    ...missed.map(({ text }) => `  ${text}`),
    ...failed.map((text) => `  ${text}`),
  ].join('\n')
}

const row = (line: LineResult, comparison: ComparisonResult) =>
  [
    line.label,
    ratioText(line, comparison) || withUnit(line.median ?? Number.NaN, comparison.unit),
    line.bar && barText(line.bar, comparison.unit),
  ].join(', ')
