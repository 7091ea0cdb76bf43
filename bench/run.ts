/** Runs the trials of a question, each in a fresh process, and works out what the comparisons say. */
import { OURS } from './charts/theme.js'
import { runInGroup } from './group.js'
import { median } from './measure.js'
import {
  type Bar,
  type Comparison,
  type Iterations,
  isMissing,
  type Line,
  type Missing,
  type Point,
  type Question,
  type Sample,
  type Tools,
  type Trial,
} from './question.js'

/** A trial that takes longer hangs. */
const TRIAL_LIMIT_MS = 120_000

export interface Effort {
  readonly rounds: number
  readonly iterations: keyof Iterations
}

export interface LineResult {
  readonly label: string
  readonly who: string
  /** Why there are no figures. */
  readonly missing?: string
  /** One for each round; empty if this machine can't run it. */
  readonly samples: readonly number[]
  readonly median?: number
  /** Ours divided by this line's: the median over the rounds, in each of which both ran side by side. */
  readonly ratio?: number
  readonly bar?: Bar
  readonly met?: boolean
}

export interface ComparisonResult {
  readonly what: string
  readonly unit: string
  readonly more?: boolean
  readonly point?: Point
  readonly lines: readonly LineResult[]
}

export interface QuestionResult {
  readonly name: string
  readonly title: string
  readonly comparisons: readonly ComparisonResult[]
  readonly conclusions: readonly string[]
}

const leftOut: Missing = { missing: 'left out of a quick run' }

/** What a line that failed says in place of figures. */
const FAILED = 'failed: '
export const hasFailed = ({ missing }: LineResult): boolean => missing?.startsWith(FAILED) ?? false

async function runTrial(trial: Trial, tools: Tools, size: keyof Iterations): Promise<Sample | Missing> {
  const command = trial.command(tools)
  if (isMissing(command)) return command
  if (trial.iterations[size] === 0) return leftOut
  const [file = '', ...args] = command
  const words = [...args, String(trial.iterations[size])]
  try {
    const stdout = await runInGroup(file, words, TRIAL_LIMIT_MS)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Sample
  } catch (error) {
    throw new Error(`This trial failed: ${[file, ...words].join(' ')}\n${(error as Error).message}`, { cause: error })
  }
}

/** The line that says most: of an uncaught error, the one behind the source that Node prints; of a traceback, the last. */
function shortly(error: unknown): string {
  const { message } = ((error as Error).cause ?? error) as Error
  const lines = message.split('\n').map((each) => each.trim())
  return (lines.find((each) => /^\w*Error\b/.test(each)) ?? lines.findLast((each) => each !== '') ?? '').slice(0, 160)
}

/** A peer that fails must not cost the figures of all others; ours must not fail. */
async function tryTrial(trial: Trial, tools: Tools, size: keyof Iterations): Promise<Sample | Missing> {
  try {
    return await runTrial(trial, tools, size)
  } catch (error) {
    if (trial.who === OURS) throw error
    console.error((error as Error).message)
    return { missing: `${FAILED}${shortly(error)}` }
  }
}

type Samples = ReadonlyMap<Trial, Sample[] | Missing>

/** All rounds. In each the trials run one after another, every other time backwards, so that drift and neighbourhood hit all alike. */
async function gather(trials: readonly Trial[], tools: Tools, effort: Effort): Promise<Samples> {
  const samples = new Map<Trial, Sample[] | Missing>(trials.map((trial) => [trial, []]))
  for (let round = 0; round < effort.rounds; round++) {
    for (const trial of round % 2 === 0 ? trials : [...trials].reverse()) {
      const known = samples.get(trial)
      if (known === undefined || isMissing(known)) continue
      const sample = await tryTrial(trial, tools, effort.iterations)
      if (isMissing(sample)) samples.set(trial, sample)
      else known.push(sample)
    }
  }
  return samples
}

/** @param ratio - ours to theirs, of what is better if less */
function isMet(bar: Bar, own: number, ratio: number): boolean {
  if ('atMost' in bar) return own <= bar.atMost
  return 'atMostTimes' in bar ? ratio <= bar.atMostTimes : ratio <= 1 / bar.timesFaster
}

function judge({ lines, ...about }: Comparison, samples: Samples, iterations: keyof Iterations): ComparisonResult {
  // All rounds of a run leave out the same, so that figures stand in the order of the rounds.
  const figures = ({ label, trial, metric }: Line) => {
    const own = samples.get(trial)
    if (own === undefined || isMissing(own)) return []
    return own.flatMap((sample) => {
      const figure = sample[metric]
      if (figure === undefined || (figure === null && iterations === 'full'))
        throw new Error(`'${about.what}', ${label}: its trial gave no metric ${metric}`)
      return figure ?? []
    })
  }
  const [first] = lines
  const ours = figures(first)
  const judged = lines.map((line): LineResult => {
    const { label, bar, trial } = line
    const { who } = trial
    const own = figures(line)
    const found = samples.get(trial)
    if (own.length === 0) return { label, who, samples: own, ...(isMissing(found) ? found : leftOut) }
    const ratio = median(own.map((figure, round) => (ours[round] as number) / figure))
    const result = { label, who, samples: own, median: median(own), ...(line === first || ours.length === 0 ? {} : { ratio }) }
    return bar === undefined ? result : { ...result, bar, met: isMet(bar, median(ours), about.more ? 1 / ratio : ratio) }
  })
  return { ...about, lines: judged }
}

/** @throws if a trial of ours fails, as it does when a total is not exact */
export async function ask(question: Question, tools: Tools, effort: Effort): Promise<QuestionResult> {
  const trials = new Set(question.comparisons.flatMap(({ lines }) => lines.map(({ trial }) => trial)))
  const samples = await gather([...trials], tools, effort)
  const comparisons = question.comparisons.map((comparison) => judge(comparison, samples, effort.iterations))
  return { name: question.name, title: question.title, comparisons, conclusions: question.conclude?.(comparisons) ?? [] }
}
