/** A whole run as data: what `--json` prints, and what charts and results.md are made of. */
import type { Machine } from './machine.js'
import type { Effort, QuestionResult } from './run.js'

export interface Report extends Effort {
  readonly machine: Machine
  /** Of the sources: see commit.ts. */
  readonly commit: string
  readonly versions: Readonly<Record<string, string>>
  readonly cpuShareOfOthers: number
  readonly questions: readonly QuestionResult[]
  /** Why it ended before all questions were asked. */
  readonly stopped?: string
}

/** As short as git prints it. */
export const commitText = ({ commit }: Pick<Report, 'commit'>): string => commit.replace(/^([0-9a-f]{10})[0-9a-f]+/, '$1')

export function roundsText({ rounds, iterations }: Effort): string {
  const few = iterations === 'quick' ? ', --quick: fewer iterations' : ''
  return rounds === 1 ? `one round${few}` : `medians of ${rounds} rounds${few}`
}
