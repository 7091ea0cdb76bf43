/**
 * `npm run bench`: what this library costs beside CPython's multiprocessing, beside what else a user of Node could take, and beside what the
 * machine can do at best.
 *
 * Options: `--only NAME` (part of a question's name), `--quick` (one round, fewer iterations), `--rounds N`, `--json`; `--out DIR` (where
 * figures and pictures go: docs/bench after a whole run, nowhere after a part of one); `--draw FILE` (a run's results.json: draws it again
 * and measures nothing). Exit code 1 only for trials that fail, as with wrong results: a slow one may be the machine's fault. A peer that
 * fails is left out; at a failure of ours the run stops, and writes what it has.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { currentCommit } from './commit.js'
import { othersText, watchOthers } from './load.js'
import { thisMachine } from './machine.js'
import { complaint, type Options, readOptions } from './options.js'
import { publish } from './publish.js'
import type { Tools } from './question.js'
import { questions } from './questions.js'
import { commitText, type Report, roundsText } from './report.js'
import { ask, hasFailed, type QuestionResult } from './run.js'
import { summary, table } from './table.js'
import { findTools } from './tools.js'

function refuse(what: unknown): never {
  console.error(what)
  process.exit(2)
}

function given(): Options {
  try {
    return readOptions(process.argv.slice(2), questions)
  } catch (error) {
    return refuse(complaint(error) ?? error)
  }
}

const { chosen, effort, json, out, draw } = given()
const say = (text: string) => json || console.log(text)

// Without a handler a signal ends the process at once, and the compiled programs stay behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** Until one of ours fails: why; what is measured by then is kept. */
async function askAll(tools: Tools, results: QuestionResult[]): Promise<string | undefined> {
  for (const question of chosen) {
    try {
      const result = await ask(question, tools, effort)
      results.push(result)
      say(table(result))
    } catch (error) {
      const { message } = error as Error
      console.error(message)
      return message
    }
  }
  return undefined
}

const lines = ({ questions }: Report) => questions.flatMap(({ comparisons }) => comparisons.flatMap((each) => each.lines))

async function measure(): Promise<Report> {
  const machine = thisMachine()
  const commit = currentCommit()
  const tools = findTools()
  say(
    `${machine.cpu}, ${machine.cpus} CPUs, ${machine.memoryGiB} GiB, ${machine.kernel}, commit ${commitText({ commit })}. Each trial in a process of its own, ${roundsText(effort)}; ratios are medians of the rounds' ratios.`,
  )
  const othersShare = watchOthers()
  const results: QuestionResult[] = []
  const stopped = await askAll(tools, results)
  const about = { machine, commit, versions: tools.versions(), ...effort, cpuShareOfOthers: othersShare() }
  const report = { ...about, questions: results, ...(stopped === undefined ? {} : { stopped }) }
  const versions = Object.entries(report.versions).map((each) => each.join(' '))
  say(`${summary(results)}\n${versions.join(', ')}${othersText(report.cpuShareOfOthers)}`)
  if (json) console.log(JSON.stringify(report, null, 2))
  return report
}

function saved(file: string): Report {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report
    if (Array.isArray(report.questions)) return report
    throw new Error('it has no questions')
  } catch (error) {
    return refuse(`Expected --draw to be a run's results.json, got '${file}': ${(error as Error).message}`)
  }
}

/** Before what takes so long. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    refuse(`Expected --out to be a folder that can be made, got '${folder}': ${(error as Error).message}`)
  }
}

if (out !== undefined) makeFolder(out)
const report = draw === undefined ? await measure() : saved(draw)
if (report.stopped !== undefined || lines(report).some(hasFailed)) process.exitCode = 1
if (out !== undefined && report.questions.length > 0) {
  for (const sentence of await publish(report, out)) say(sentence)
  say(`Figures and pictures: ${out}`)
}
