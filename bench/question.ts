/** What a question is made of: trials that give figures, and comparisons that put them side by side. */
import type { ComparisonResult } from './run.js'

/** What one trial found out, by metric. */
export type Sample = Readonly<Record<string, number>>

/** What a file of questions exports for `trial.ts`: each runs alone in a process of its own. */
export type Trials = Readonly<Record<string, (n: number) => Sample | Promise<Sample>>>

/** How many iterations a trial does; one number where fewer would be another question. */
export interface Iterations {
  readonly full: number
  readonly quick: number
}

/** Found once, before the first trial. */
export interface Tools {
  /** The interpreter; undefined where there is none. */
  readonly python: string | undefined
  /** Compiles a program of bench/c and gives its path; undefined where there is no compiler. */
  compile(source: string): string | undefined
}

export interface Trial {
  readonly language: 'Node' | 'CPython' | 'C'
  readonly iterations: Iterations
  /** The command less its iterations; undefined if this machine can't run it. */
  command(tools: Tools): readonly string[] | undefined
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
  /** Ours first; the others are compared with it. */
  readonly lines: readonly [Line, ...Line[]]
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
