/** What `npm run bench` is told. */
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './commit.js'
import type { Question } from './question.js'
import type { Effort } from './run.js'

export interface Options {
  readonly chosen: readonly Question[]
  readonly effort: Effort
  readonly json: boolean
  /** Where what the run leaves behind goes; undefined if it leaves nothing. */
  readonly out: string | undefined
  /** A saved run to draw, instead of measuring. */
  readonly draw: string | undefined
}

/** The committed results are of whole runs. */
const COMMITTED = join(root, 'docs', 'bench')

const USAGE = 'npm run bench -- [--only NAME] [--quick] [--rounds N] [--json] [--out DIR] [--draw RESULTS.JSON]'

class Misunderstood extends Error {}

/** What to tell of an error of `readOptions`; undefined if it is another one. */
export function complaint(error: unknown): string | undefined {
  if (!(error instanceof Misunderstood) && !String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS')) return undefined
  return `${(error as Error).message}\n${USAGE}`
}

/** @throws on what it does not understand: see {@link complaint} */
export function readOptions(args: readonly string[], questions: readonly Question[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      draw: { type: 'string' },
    },
  })
  const { only = '', quick, draw, json } = values
  const chosen = questions.filter(({ name }) => name.includes(only))
  if (chosen.length === 0)
    throw new Misunderstood(`No question is called '${only}'; there are ${questions.map(({ name }) => name).join(', ')}`)
  const rounds = Number(values.rounds ?? (quick ? 1 : 5))
  if (!Number.isInteger(rounds) || rounds < 1) throw new Misunderstood(`Expected --rounds to be an integer >= 1, got '${values.rounds}'`)
  const whole = values.only === undefined && values.rounds === undefined && !quick
  const out = values.out ?? (draw !== undefined ? dirname(draw) : whole ? COMMITTED : undefined)
  return { chosen, effort: { rounds, iterations: quick ? 'quick' : 'full' }, json, out, draw }
}
