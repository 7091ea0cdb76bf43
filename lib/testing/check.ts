/** Everything in one call: processes, schedules, report. */
import { inspect } from 'node:util'
import type FastCheck from 'fast-check'
import type { Parameters, RunDetails } from 'fast-check'
import { checkCount, checkOptions, wrongRange, wrongType } from '../check.js'
import { SharedCTypesError } from '../errors.js'
import { type Crew, type CrewOptions, type Statistics, startCrew } from './crew.js'
import { NotLinearizableError } from './errors.js'
import { type RaceBounds, raceProperty } from './property.js'
import { type SequenceBounds, sequenceProperty } from './sequence.js'
import type { Specification } from './specification.js'

/** fast-check's own, less its `timeout`: the crew's ends the processes as well. */
type RunOptions = Omit<Parameters, 'examples' | 'reporter' | 'asyncReporter' | 'plugins' | 'timeout'>

/** Options of the crew and of the property, and fast-check's: `numRuns`, `seed`, `path`, … */
export type CheckRacesOptions = CrewOptions & RaceBounds & RunOptions
/** Options of the crew and of the property, and fast-check's: `numRuns`, `seed`, `path`, … */
export type CheckSequencesOptions = CrewOptions & SequenceBounds & RunOptions

const OF_CREW = ['processes', 'timeout']
const OF_RACES = [...OF_CREW, 'commands', 'first', 'repeats']
const OF_SEQUENCES = [...OF_CREW, 'commands', 'replayPath']
/** All of {@link RunOptions}. */
const OF_RUN: readonly (keyof RunOptions)[] = [
  'seed',
  'randomType',
  'numRuns',
  'maxSkipsPerRun',
  'path',
  'logger',
  'unbiased',
  'verbose',
  'endOnFailure',
  'skipAllAfterTimeLimit',
  'interruptAfterTimeLimit',
  'markInterruptAsFailure',
  'skipEqualValues',
  'ignoreEqualValues',
  'includeErrorInReport',
]

/** fast-check's: which of the values tried was the first to fail, and of those made smaller each next. */
const PATH = /^(\d+(:\d+)*)?$/

/** A misspelt option would test less than was meant, and pass. */
function checkRun<T extends RunOptions>(options: T | undefined, known: readonly string[]): Partial<T> {
  const given = checkOptions(options)
  const names = [...known, ...OF_RUN]
  for (const [name, value] of Object.entries(given))
    if (!names.includes(name)) throw wrongRange(`options.${name}`, `left out: there are ${names.join(', ')}`, value)
  if (given.numRuns !== undefined) checkCount('numRuns', given.numRuns, 1)
  if (given.seed !== undefined && typeof given.seed !== 'number') throw wrongType('seed', 'a number', given.seed)
  if (given.path !== undefined && typeof given.path !== 'string') throw wrongType('path', 'a string', given.path)
  if (given.path !== undefined && !PATH.test(given.path)) throw wrongRange('path', 'numbers with colons between, of a failure', given.path)
  return given
}

/** The options that repeat a run: those that were given, for the same path leads elsewhere with others. */
function again<T>(
  given: object,
  stringify: (value: unknown) => string,
  { seed, counterexamplePath, counterexample }: RunDetails<T>,
): string {
  const data = Object.entries(given).filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value))
  const path = counterexamplePath === null ? {} : { path: counterexamplePath }
  // Of `fc.commands`, whose shrinking depends on which commands ran.
  const [, replayPath] =
    /replayPath="([^"]*)"/.exec(counterexample === null ? '' : stringify((counterexample as unknown as [unknown])[0])) ?? []
  const replay = replayPath === undefined ? {} : { replayPath }
  return inspect({ ...Object.fromEntries(data), seed, ...path, ...replay, endOnFailure: true }, { breakLength: Number.POSITIVE_INFINITY })
}

/** The error of a run that failed, with what repeats it. */
function failure<T>(what: string, given: object, fc: typeof FastCheck, details: RunDetails<T>): Error {
  const { counterexample, numRuns, numShrinks, errorInstance: error } = details
  if (error === null) return new SharedCTypesError('ERR_INVALID_STATE', fc.defaultReportMessage(details) as string)
  const note = `\n\nFailed in run ${numRuns}, made smaller ${numShrinks} times. Again: ${what}(…, ${again(given, fc.stringify, details)})`
  if (error instanceof NotLinearizableError) return new NotLinearizableError(error.history, error.verdict, note)
  const schedule = counterexample === null ? '' : `\n${fc.stringify((counterexample as unknown as [unknown])[0])}`
  if (!(error instanceof Error)) return new Error(`${inspect(error)} was thrown${schedule}${note}`, { cause: error })
  const { message, stack } = error
  error.message = `${message}${schedule}${note}`
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message)
  return error
}

/** Has fast-check try a property with a crew of its own; what was done, or the error of a run that failed. */
async function check<Objects, State>(
  what: string,
  specification: Specification<Objects, State>,
  given: CrewOptions & RunOptions,
  propertyOf: (crew: Crew<Objects, State>) => FastCheck.IAsyncProperty<unknown>,
): Promise<Statistics> {
  await using crew = await startCrew(specification, given)
  const { timeout: _ofCrew, ...parameters } = given
  const details = await crew.fc.check(propertyOf(crew), parameters)
  if (details.failed) throw failure(what, given, crew.fc, details)
  return crew.statistics
}

/**
 * Checks that whatever processes do with the commands of a specification at the same time, some order of the commands explains: random schedules, each
 * run many times by the same processes; one that fails is made smaller.
 *
 * @returns what was done
 * @throws (rejects with) ERR_NOT_LINEARIZABLE: its message draws the smallest history that no order explains, and says how to repeat it; ERR_TIMEOUT if
 * processes don't come to an end; ERR_PROCESS_FAILED if one dies; what the model throws; ERR_INVALID_STATE if fast-check was interrupted or skipped too
 * much, where that counts as a failure; what `startCrew` throws
 * @example await checkRaces(counter, { processes: 3, numRuns: 50 })
 */
export async function checkRaces<Objects, State>(
  specification: Specification<Objects, State>,
  options?: CheckRacesOptions,
): Promise<Statistics> {
  const given = checkRun(options, OF_RACES)
  return await check('checkRaces', specification, given, (crew) => raceProperty(crew, given))
}

/**
 * Checks that commands of a specification, done one at a time by several processes, do what its model says; with a specification that says what a
 * `death` means, also when processes are killed in between.
 *
 * @throws (rejects with) as {@link checkRaces}
 * @example await checkSequences(counter, { processes: 3, numRuns: 50 })
 */
export async function checkSequences<Objects, State>(
  specification: Specification<Objects, State>,
  options?: CheckSequencesOptions,
): Promise<void> {
  const given = checkRun(options, OF_SEQUENCES)
  await check('checkSequences', specification, given, (crew) => sequenceProperty(crew, given))
}
