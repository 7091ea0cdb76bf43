/** What a question is made of: trials that give figures, and comparisons that put them side by side. */
import type { ComparisonResult } from './run.js'

/** What one trial found out, by metric; null: with the iterations of a quick run it left this out. */
export type Sample = Readonly<Record<string, number | null>>

/** What a file of questions exports for `trial.ts`: each runs alone in a process of its own. */
export type Trials = Readonly<Record<string, (n: number) => Sample | Promise<Sample>>>

/** How many iterations a trial does; one number where fewer would be another question. 0: it is left out. */
export interface Iterations {
  readonly full: number
  readonly quick: number
}

/** What can't be had on this machine, and why: in the results it stands in place of figures. */
export interface Missing {
  readonly missing: string
}

export const isMissing = (found: unknown): found is Missing => typeof found === 'object' && found !== null && 'missing' in found

/** What trials need beside Node. Each is looked for, installed or compiled when the first trial asks for it. */
export interface Tools {
  /** The newest CPython. */
  readonly python: string | Missing
  /** Compiles a program of bench/c and gives its path. */
  compile(source: string): string | Missing
  /** Installs a package of peers.ts; its version. */
  peer(name: string): string | Missing
}

export interface Trial {
  /** Whose figures these are: `sharedctypes`, `C`, `CPython`, `Node` (what comes with it), or a package. */
  readonly who: string
  readonly iterations: Iterations
  /** The command less its iterations. */
  command(tools: Tools): readonly string[] | Missing
}

/**
 * What is demanded of ours against this line: to take at most so many times as long, or to be so many times faster. On our own line: to
 * be at most so much, in the comparison's unit.
 */
export type Bar = { readonly atMostTimes: number } | { readonly timesFaster: number } | { readonly atMost: number }

export interface Line {
  readonly label: string
  readonly trial: Trial
  readonly metric: string
  readonly bar?: Bar
}

export interface Comparison {
  readonly what: string
  readonly unit: string
  /** Where more is better, as with a throughput; elsewhere less is. */
  readonly more?: boolean
  /** Which curve these figures are points of, and where on it: charts/ draws them. */
  readonly point?: Point
  /** Ours first; the others are compared with it. */
  readonly lines: readonly [Line, ...Line[]]
}

export interface Point {
  readonly curve: string
  readonly x: number
}

export interface Question {
  readonly name: string
  readonly title: string
  readonly comparisons: readonly Comparison[]
  /** What the comparisons say together, where that is more than each says: a sentence a line. */
  conclude?(comparisons: readonly ComparisonResult[]): readonly string[]
}

/** One line whose trial gives the metric `ns`, unless told otherwise. */
export function line(label: string, trial: Trial, bar?: Bar, metric = 'ns'): Line {
  return bar === undefined ? { label, trial, metric } : { label, trial, metric, bar }
}
