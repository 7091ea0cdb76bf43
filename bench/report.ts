/** A whole run as data: what `--json` prints and charts.ts draws. */
import type { Machine } from './machine.js'
import type { Effort, QuestionResult } from './run.js'

export interface Report extends Effort {
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly cpuShareOfOthers: number
  readonly questions: readonly QuestionResult[]
}
