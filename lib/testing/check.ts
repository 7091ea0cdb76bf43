/** Everything in one call: processes, schedules, report. */
import type { Parameters, RunDetails } from 'fast-check'
import { checkOptions } from '../check.js'
import { codeOf, SharedCTypesError } from '../errors.js'
import { type Crew, type CrewOptions, type Statistics, startCrew } from './crew.js'
import { NotLinearizableError } from './errors.js'
import { type RaceBounds, raceProperty } from './property.js'
import { type SequenceBounds, sequenceProperty } from './sequence.js'
import type { Specification } from './specification.js'

/** fast-check's own, less its `timeout`: the crew's ends the processes as well. */
type RunOptions = Omit<Parameters, 'examples' | 'reporter' | 'asyncReporter' | 'plugins' | 'timeout'>

/** Options of the crew and of the property, and fast-check's: `numRuns`, `seed`, `path`, … */
export type CheckRacesOptions = CrewOptions & RaceBounds & RunOptions
export type CheckSequencesOptions = CrewOptions & SequenceBounds & RunOptions

function ofRun({ timeout: _ofCrew, ...rest }: CrewOptions & RunOptions): RunOptions {
  return rest
}

/** The error of a run that failed, with what repeats it. */
function failure<T>(
  what: string,
  stringify: (value: unknown) => string,
  { seed, counterexamplePath, counterexample, numRuns, numShrinks, errorInstance }: RunDetails<T>,
): Error {
  const schedule = counterexample === null ? '' : `\n${stringify((counterexample as unknown as [unknown])[0])}`
  const path = counterexamplePath === null ? '' : `, path: '${counterexamplePath}'`
  const note = `\n\nFailed in run ${numRuns}, made smaller ${numShrinks} times. Again: ${what}(…, { seed: ${seed}${path}, endOnFailure: true })`
  if (errorInstance instanceof NotLinearizableError) return new NotLinearizableError(errorInstance.history, errorInstance.verdict, note)
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return new SharedCTypesError(codeOf(errorInstance) ?? 'ERR_PROCESS_FAILED', `${message}${schedule}${note}`, { cause: errorInstance })
}

/**
 * Checks that whatever processes do with the commands of a specification at the same time, some order of the commands explains: random schedules, each
 * run many times by the same processes; one that fails is made smaller.
 *
 * @returns what was done
 * @throws (rejects with) ERR_NOT_LINEARIZABLE: its message draws the smallest history that no order explains, and says how to repeat it; ERR_TIMEOUT if
 * processes don't come to an end; ERR_PROCESS_FAILED if one dies; what `startCrew` throws
 * @example await checkRaces(counter, { processes: 3, numRuns: 50 })
 */
export async function checkRaces<Objects, State>(
  specification: Specification<Objects, State>,
  options?: CheckRacesOptions,
): Promise<Statistics> {
  const given = checkOptions(options)
  await using crew: Crew<Objects, State> = await startCrew(specification, given)
  const details = await crew.fc.check(raceProperty(crew, given), ofRun(given))
  if (details.failed) throw failure('checkRaces', crew.fc.stringify, details)
  return crew.statistics
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
  const given = checkOptions(options)
  await using crew: Crew<Objects, State> = await startCrew(specification, given)
  const details = await crew.fc.check(sequenceProperty(crew, given), ofRun(given))
  if (details.failed) throw failure('checkSequences', crew.fc.stringify, details)
}
