/**
 * `npm run bench`: what this library costs beside CPython's multiprocessing and beside what the machine can do at best.
 *
 * Options: `--only NAME` (part of a question's name), `--quick` (fewer rounds and iterations), `--json`. Exit code 1 only for wrong results:
 * a slow one may be the machine's fault.
 */
import { parseArgs } from 'node:util'
import { question as barrier } from './barrier.js'
import { question as contention } from './contention.js'
import { question as copyIn } from './copy-in.js'
import { question as creation } from './creation.js'
import { question as doubling } from './doubling.js'
import { question as elementAccess } from './element-access.js'
import { question as event } from './event.js'
import { question as handOver } from './hand-over.js'
import { question as increments } from './increments.js'
import { othersText, watchOthers } from './load.js'
import { question as lock } from './lock.js'
import { question as manager } from './manager.js'
import { question as manyObjects } from './many-objects.js'
import { question as pending } from './pending.js'
import { question as roundTrip } from './round-trip.js'
import { ask, type QuestionResult } from './run.js'
import { question as rwlock } from './rwlock.js'
import { question as semaphore } from './semaphore.js'
import { question as shareableList } from './shareable-list.js'
import { question as shareableListBuild } from './shareable-list-build.js'
import { question as sharedMemory } from './shared-memory.js'
import { summary, table } from './table.js'
import { findTools } from './trials.js'
import { question as valueRead } from './value-read.js'
import { question as wakeUp } from './wake-up.js'

const questions = [
  lock,
  semaphore,
  rwlock,
  event,
  increments,
  valueRead,
  elementAccess,
  creation,
  contention,
  manyObjects,
  manager,
  handOver,
  roundTrip,
  wakeUp,
  barrier,
  pending,
  sharedMemory,
  copyIn,
  shareableList,
  shareableListBuild,
  doubling,
]

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
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5))
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: expected an integer >= 1, got '${options.rounds}'`)
const effort = { rounds, iterations: options.quick ? 'quick' : 'full' } as const
const say = (text: string) => options.json || console.log(text)

// Without a handler a signal ends the process at once, and the compiled programs stay behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const tools = findTools()
const versions = Object.entries(tools.about).map((each) => each.join(' '))
say(
  `${versions.join(', ')}. Medians of ${effort.rounds} rounds, each trial in a process of its own; ratios are medians of the rounds' ratios.`,
)
const othersShare = watchOthers()
const results: QuestionResult[] = []
for (const question of chosen) {
  const result = await ask(question, tools, effort)
  results.push(result)
  say(table(result))
}
const others = othersShare()
say(summary(results) + othersText(others))
if (options.json) console.log(JSON.stringify({ versions: tools.about, ...effort, cpuShareOfOthers: others, questions: results }, null, 2))
