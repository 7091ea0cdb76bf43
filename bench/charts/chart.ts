/** What a chart is, and charts that are made of curves. */
import { commitText, type Report, roundsText } from '../report.js'
import { curveOf } from './curves.js'
import { LEFT, type Panel, panel, type Varied } from './panel.js'
import type { Part } from './spec.js'
import { MARGIN, type Theme, WIDTH } from './theme.js'

export interface Chart {
  /** Of its files: NAME-light.svg, NAME-dark.svg. */
  readonly name: string
  readonly title: string
  readonly subtitle: string
  /** What it is made of, if of curves. */
  readonly panels?: readonly CurvePanel[]
  /** Undefined if nothing of it was measured. */
  content(report: Report): Content | undefined
}

export interface Content {
  draw(theme: Theme): Part
  /** What it should show too, but was not measured. */
  readonly leftOut: readonly string[]
}

export interface CurvePanel {
  readonly curve: string
  readonly title: string
  readonly subtitle: string
  readonly x: Varied
  /** Lines that would crowd it: results.md has them all. */
  readonly without?: RegExp
}

export interface CurveChart extends Omit<Chart, 'content' | 'subtitle' | 'panels'> {
  readonly subtitle?: string
  readonly columns: number
  /** Of each diagram. */
  readonly height: number
  /** For the names at the right of each. */
  readonly room: number
  readonly panels: readonly CurvePanel[]
}

const BETWEEN = 14
/** For the texts of the axis below a diagram, and the title of the next one. */
const BETWEEN_ROWS = 104

/** Diagrams that stand in rows, each with its own axes. */
export function curveChart({ columns, height, room, panels, ...about }: CurveChart): Chart {
  const width = Math.floor((WIDTH - 2 * MARGIN - (columns - 1) * BETWEEN) / columns) - LEFT - room
  const content = (report: Report): Content | undefined => {
    const found = panels.flatMap(({ curve: name, without, ...rest }): Panel[] => {
      const curve = curveOf(report, name, without)
      return curve === undefined ? [] : [{ ...rest, curve, width, height, room }]
    })
    if (found.length === 0) return undefined
    const draw = (theme: Theme): Part => ({
      concat: found.map((each) => panel(each, theme)),
      columns,
      bounds: 'flush',
      spacing: { row: BETWEEN_ROWS, column: LEFT + room + BETWEEN },
    })
    const leftOut = panels.filter(({ curve }) => curveOf(report, curve) === undefined).map(({ curve }) => `curve ${curve}`)
    return { draw, leftOut }
  }
  return { subtitle: 'All scales are logarithmic. Thin bars: from the lowest to the highest of all rounds.', ...about, panels, content }
}

/** What it was measured on: a picture goes where its page does not. */
export function machineLines({ machine, versions, ...run }: Report): string[] {
  const { cpu, cpus, memoryGiB, kernel, date } = machine
  const { Node, CPython, gcc } = versions
  return [
    `${cpu}, ${cpus} CPUs, ${memoryGiB} GiB, ${kernel}. Node ${Node}, CPython ${CPython}, gcc ${gcc}.`,
    `${date}, commit ${commitText(run)}, ${roundsText(run)}.`,
  ]
}
