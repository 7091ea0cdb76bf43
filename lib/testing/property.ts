/** Races as properties for fast-check. */
import type { IAsyncPropertyWithHooks } from 'fast-check'
import { checkCount, checkOptions } from '../check.js'
import type { Crew, Statistics } from './crew.js'
import { NotLinearizableError } from './errors.js'
import type { History, Model } from './history.js'
import { checkLinearizable } from './linearizable.js'
import { type Schedule, scheduleOf, stepOf } from './schedule.js'
import { keyOf } from './structure.js'

/** How large schedules are, and how often each is run. */
export interface RaceBounds {
  /** Commands of one process, at most. Default 4. */
  commands?: number | undefined
  /** Commands that process 0 does before the race, at most. Default 3. */
  first?: number | undefined
  /** How often a schedule is run: a race needs luck. Default 300. */
  repeats?: number | undefined
}

/** Repetitions that are ordered together: so many sets of objects exist at a time, and so many have the crew's time-out. */
const BATCH = 100
/**
 * Once a schedule has failed and is being made smaller, a candidate is run until `repeats` × PERSISTENCE repetitions overlapped, or `repeats` × LIMIT
 * were run: with fewer commands a race needs more luck, and a candidate that passes by chance leaves the schedule larger than need be.
 */
const PERSISTENCE = 3
const LIMIT = 30

interface Timeline {
  /** Equal for repetitions that went the same way. */
  readonly key: string
  readonly overlapping: boolean
}

function timelineOf(history: History): Timeline {
  const events = history.flatMap((operation, i) => [
    { at: operation.begin, operation, text: `${i}` },
    { at: operation.end, operation, text: '.' },
  ])
  events.sort((a, b) => a.at - b.at)
  const order = events.map(({ text, operation }) => `${operation.process}${text}`).join(' ')
  const overlapping = events.some(
    ({ operation, text }, i) =>
      text !== '.' && i > 0 && events[i - 1]?.text !== '.' && events[i - 1]?.operation.process !== operation.process,
  )
  return { key: `${order} ${keyOf(history.map(({ result, error }) => error ?? [result]))}`, overlapping }
}

/** The error for a history that no order explains, if there is one; `seen`: those of this schedule that have been checked. */
function checkHistories<State>(
  statistics: Statistics,
  model: Model<State>,
  histories: readonly History[],
  seen: Set<string>,
): Error | undefined {
  for (const history of histories) {
    const { key, overlapping } = timelineOf(history)
    if (overlapping) statistics.overlapping++
    statistics.repetitions++
    if (seen.has(key)) continue
    seen.add(key)
    statistics.histories++
    const verdict = checkLinearizable(history, model)
    if (!verdict.linearizable) return new NotLinearizableError(history, verdict)
  }
  return undefined
}

/** Runs a schedule until it fails; `persists`: more often than `repeats`, see PERSISTENCE. */
async function runSchedule<Objects, State>(
  crew: Crew<Objects, State>,
  schedule: Schedule,
  repeats: number,
  persists: boolean,
): Promise<void> {
  const { specification, statistics } = crew
  const seen = new Set<string>()
  statistics.schedules++
  const enough = statistics.overlapping + repeats * PERSISTENCE
  // One process alone always does the same.
  const most = schedule.processes.length === 1 ? 1 : persists ? repeats * LIMIT : repeats
  for (let left = most; left > 0 && !(persists && statistics.overlapping >= enough); left -= BATCH) {
    const histories = await crew.race(schedule, Math.min(left, BATCH))
    const error = checkHistories(statistics, specification.model, histories, seen)
    if (error !== undefined) throw error
  }
}

/**
 * The property that whatever processes do with the commands of a specification at the same time, some order of the commands explains. Each
 * random schedule is run many times; one that fails is made smaller.
 *
 * @returns what `fc.assert` takes; it fails with ERR_NOT_LINEARIZABLE, ERR_PROCESS_FAILED, ERR_TIMEOUT
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 * @example await fc.assert(raceProperty(crew, { commands: 3 }), { numRuns: 50 })
 */
export function raceProperty<Objects, State>(crew: Crew<Objects, State>, bounds?: RaceBounds): IAsyncPropertyWithHooks<[Schedule]> {
  const { commands = 4, first = 3, repeats = 300 } = checkOptions(bounds)
  const { fc, specification, processes } = crew
  const schedule = scheduleOf(fc, stepOf(fc, specification), {
    processes,
    commands: checkCount('commands', commands, 1),
    first: checkCount('first', first, 0),
  })
  const times = checkCount('repeats', repeats, 1)
  let failed = false
  const property = fc.asyncProperty(schedule, async (each) => {
    try {
      await runSchedule(crew, each, times, failed)
    } catch (error) {
      failed = error instanceof NotLinearizableError // the others don't come and go by luck
      throw error
    }
  })
  // Smaller candidates are not generated: what is, belongs to another run of the property.
  const generate = property.generate.bind(property)
  property.generate = (...args) => {
    failed = false
    return generate(...args)
  }
  return property
}
