/**
 * `npm run bench`: what this library costs beside CPython's multiprocessing, beside what else a user of Node could take, and beside what the
 * machine can do at best.
 *
 * Options: `--only NAME` (part of a question's name), `--quick` (one round, fewer iterations), `--rounds N`, `--json`. Exit code 1 only for
 * wrong results: a slow one may be the machine's fault.
 */
import { parseArgs } from 'node:util'
import { othersText, watchOthers } from './load.js'
import { thisMachine } from './machine.js'
import { questions } from './questions.js'
import type { Report } from './report.js'
import { ask, type QuestionResult } from './run.js'
import { summary, table } from './table.js'
import { findTools } from './tools.js'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const chosen = questions.filter(({ name }) => name.includes(options.only))
if (chosen.length === 0)
  throw new Error(`no question is called '${options.only}'; there are ${questions.map(({ name }) => name).join(', ')}`)
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: expected an integer >= 1, got '${options.rounds}'`)
const effort = { rounds, iterations: options.quick ? 'quick' : 'full' } as const
const say = (text: string) => options.json || console.log(text)

// Without a handler a signal ends the process at once, and the compiled programs stay behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const machine = thisMachine()
const tools = findTools()
say(
  `${machine.cpu}, ${machine.cpus} CPUs, ${machine.memoryGiB} GiB, ${machine.kernel}. Medians of ${rounds} rounds, each trial in a process of its own; ratios are medians of the rounds' ratios.`,
)
const othersShare = watchOthers()
const results: QuestionResult[] = []
for (const question of chosen) {
  const result = await ask(question, tools, effort)
  results.push(result)
  say(table(result))
}
const report: Report = { machine, versions: tools.versions(), ...effort, cpuShareOfOthers: othersShare(), questions: results }
const versions = Object.entries(report.versions).map((each) => each.join(' '))
say(`${summary(results)}\n${versions.join(', ')}${othersText(report.cpuShareOfOthers)}`)
if (options.json) console.log(JSON.stringify(report, null, 2))
