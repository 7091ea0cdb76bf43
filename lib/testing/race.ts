/** Runs a function in several processes at the same instant. */
import { checkCount, checkFunction, checkOptions, checkTimeout } from '../check.js'
import { checkArgs, checkTarget, moduleOf } from '../process/target.js'
import type { History } from './history.js'
import { inTime } from './in-time.js'
import { pack } from './member.js'
import { checkProcesses, endMembers, refuseWhileImporting, startMembers } from './members.js'
import { makeRaceWords, StartingLine } from './starting-line.js'

/** How a function is raced. */
export interface RaceOptions {
  /** How many run the target, 1 to 32. Default 2. */
  processes?: number | undefined
  /** The target's arguments, the same for all; shared objects anywhere inside arrive live. A function makes them for each round. Default none. */
  args?: readonly unknown[] | ((round: number) => readonly unknown[]) | undefined
  /** The module that exports the target: a URL (`import.meta.url`) or a path. Default: the main module. */
  module?: string | URL | undefined
  /** How often they are released, all together each time. Default 1. */
  rounds?: number | undefined
  /** ms for all of it. Default 60,000. */
  timeout?: number | undefined
}

/** What came of releasing all processes once. */
export interface Round<T> {
  /** What each process returned, by its number. */
  readonly results: T[]
  /** What they {@link record}ed, all together. */
  readonly history: History
}

/**
 * Runs a function in several processes, which start it at the same instant: each waits, spinning, until all are there.
 *
 * @param target - a function that `module` exports under its own name, as for `Process`; it may be asynchronous, and may {@link record}
 * @returns for each round what each process returned, and their history
 * @throws (rejects with) ERR_PROCESS_FAILED if the target throws in a process or a process dies: the error says which, its `cause` why;
 * ERR_TIMEOUT; ERR_NOT_EXPORTED, ENOENT, DataCloneError as `Process`; ERR_INVALID_STATE inside of a module that is imported for a race, or if an
 * asynchronous {@link record} was not awaited. None of its processes is left, however it ends, also if this process is killed; what the target itself
 * starts is its own affair.
 * @example const [{ results }] = await race(increment, { processes: 2, args: [counter] })
 */
export async function race<T>(
  target: (...args: never[]) => T,
  options?: RaceOptions,
): Promise<[Round<Awaited<T>>, ...Round<Awaited<T>>[]]> {
  const { processes = 2, args = [], module, rounds = 1, timeout = 60_000 } = checkOptions(options)
  checkFunction(target, 'target')
  const [count, times, limit] = [checkProcesses(processes), checkCount('rounds', rounds, 1), checkTimeout(timeout)]
  refuseWhileImporting('race()')
  const url = moduleOf(module)
  const call = { module: url, target: checkTarget(target, url) }
  const lists = Array.from({ length: times }, (_, round) => checkArgs(typeof args === 'function' ? args(round) : args))
  using words = makeRaceWords(count)
  const orders = Array.from({ length: count }, (_, number) => pack('runRounds', call, { number, processes: count }, words, lists))
  const members = startMembers(count, url)
  let started = false
  const run = async () => {
    await Promise.all(members.map((member) => member.ready))
    started = true
    return Promise.all(members.map((member, number) => member.call(orders[number] as (typeof orders)[number])))
  }
  const late = () => {
    const where = members.map((_, i) => `process ${i} in round ${StartingLine.progress(words, i).round + 1}`)
    return `The race of '${call.target}' is not over after ${limit} ms: ${started ? where.join(', ') : 'its processes have not imported the module yet'}`
  }
  try {
    const parts = await inTime(run(), limit, late)
    const roundOf = (round: number): Round<Awaited<T>> => ({
      results: parts.map((each) => each[round]?.result as Awaited<T>),
      history: parts.flatMap((each) => each[round]?.operations ?? []).sort((a, b) => a.begin - b.begin),
    })
    return [roundOf(0), ...lists.slice(1).map((_, i) => roundOf(i + 1))]
  } finally {
    await endMembers(members)
  }
}
