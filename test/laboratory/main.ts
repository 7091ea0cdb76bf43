/**
 * The crash laboratory: random programs over all primitives, whose processes are killed, stopped and resumed.
 *
 *     npm run test:crash -- [--kills N] [--seed S] [--only PRIMITIVE]… [--as-found] [--replay FILE] [--markdown]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Campaign, type Failure, replay } from './campaign.js'
import type { Program } from './program.js'
import { primitives } from './subjects.js'

const USAGE = `npm run test:crash -- [--kills N] [--seed S] [--only PRIMITIVE]… [--as-found] [--replay FILE] [--markdown]
primitives: ${primitives.join(', ')}`
/** About a minute on two CPUs. */
const KILLS = 500
const REPLAYS = 50

class Misunderstood extends Error {}

function integer(text: string | undefined, name: string, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new Misunderstood(`Expected --${name} to be an integer >= 0, got '${text}'`)
  return value
}

function primitiveCalled(name: string): string {
  const found = primitives.find((each) => each.toLowerCase() === name.toLowerCase())
  if (found === undefined) throw new Misunderstood(`There is no primitive '${name}'`)
  return found
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: 'string' },
        seed: { type: 'string' },
        only: { type: 'string', multiple: true },
        replay: { type: 'string' },
        markdown: { type: 'boolean', default: false },
        'as-found': { type: 'boolean', default: false },
      },
    })
    const only = (values.only ?? []).map(primitiveCalled)
    return {
      kills: integer(values.kills, 'kills', KILLS),
      seed: integer(values.seed, 'seed', Math.floor(Math.random() * 2 ** 31)),
      primitives: only.length > 0 ? only : primitives,
      replay: values.replay,
      markdown: values.markdown,
      shrink: !values['as-found'],
    }
  } catch (error) {
    if (!(error instanceof Misunderstood) && !String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS')) throw error
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}

function tell({ program, finding, index, shrinks }: Failure, seed: number): void {
  const file = join(tmpdir(), `laboratory-${seed}-${index}.json`)
  writeFileSync(file, `${JSON.stringify(program, null, 2)}\n`)
  console.log(`\n${finding.fault}: ${finding.message}\n`)
  console.log(`Program ${index} of seed ${seed}, made smaller in ${shrinks} steps:\n${JSON.stringify(program)}`)
  console.log(`To repeat it: npm run test:crash -- --replay ${file}`)
}

function programIn(file: string): Program {
  try {
    const program = JSON.parse(readFileSync(file, 'utf8')) as Program
    if (primitives.includes(program.primitive) && program.parties.length > 0 && Array.isArray(program.blows)) return program
    throw new Error('it has no primitive, parties and blows')
  } catch (error) {
    console.error(`Expected --replay to be a program that the laboratory wrote, got ${file}: ${(error as Error).message}`)
    process.exit(2)
  }
}

async function again(file: string): Promise<boolean> {
  const { finding, runs } = await replay(programIn(file), REPLAYS)
  console.log(finding === undefined ? `${runs} runs, nothing found` : `run ${runs}: ${finding.fault}: ${finding.message}`)
  return finding === undefined
}

async function campaign({ kills, seed, markdown, primitives: chosen, shrink }: ReturnType<typeof options>): Promise<boolean> {
  console.log(`seed ${seed}`)
  const start = performance.now()
  const made = new Campaign({ kills, seed, primitives: chosen, shrink, progress: progressTo(kills, start) })
  await made.run()
  const seconds = (performance.now() - start) / 1000
  console.log(`\n${made.table.toString(markdown)}\n`)
  for (const failure of made.failures) tell(failure, seed)
  const missing = chosen.filter((each) => !made.table.has(each))
  if (missing.length > 0) console.log(`With so few kills nothing was struck of: ${missing.join(', ')}.`)
  console.log(
    `seed ${seed}: ${made.table.kills} kills in ${made.table.programs} programs, ${seconds.toFixed(0)} s; ${made.failures.length} findings`,
  )
  return made.failures.length === 0
}

/** On a terminal, how far it is. */
function progressTo(kills: number, start: number): (table: { kills: number }) => void {
  if (!process.stderr.isTTY) return () => {}
  return (table) => process.stderr.write(`\r${table.kills} of ${kills} kills, ${((performance.now() - start) / 1000).toFixed(0)} s `)
}

const given = options()
process.exitCode = (await (given.replay === undefined ? campaign(given) : again(given.replay))) ? 0 : 1
