/** Runs a function in several processes at the same instant. */
import { checkFunction, checkOptions, checkTimeout, wrongRange, wrongType } from '../check.js'
import { SharedCTypesError } from '../errors.js'
import { isImporting } from '../process/state.js'
import { checkArgs, checkTarget, moduleOf } from '../process/target.js'
import type { History } from './history.js'
import { inTime } from './in-time.js'
import { Member, pack } from './member.js'
import { makeRaceWords, StartingLine } from './starting-line.js'

/** More than cores can be of use: processes that are interrupted in the middle of something race as well. */
const MOST_PROCESSES = 32

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

export interface Round<T> {
  /** What each process returned, by its number. */
  readonly results: T[]
  /** What they {@link record}ed, all together. */
  readonly history: History
}

export function checkCount(what: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number') throw wrongType(what, 'a number', value)
  if (!Number.isInteger(value) || value < min || value > max)
    throw wrongRange(what, max === Number.MAX_SAFE_INTEGER ? `an integer >= ${min}` : `an integer from ${min} to ${max}`, value)
  return value
}

export function checkProcesses(processes: unknown): number {
  return checkCount('processes', processes, 1, MOST_PROCESSES)
}

/** A module that races at its top level would do so in each process of the race again. */
export function refuseWhileImporting(what: string): void {
  if (!isImporting()) return
  throw new SharedCTypesError(
    'ERR_INVALID_STATE',
    `${what} is called while a process of a race imports this module, which would go on for ever: put it under \`if (isMainProcess)\``,
  )
}

export async function endMembers(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map((member) => member.end()))
}

/**
 * Runs a function in several processes, which start it at the same instant: each waits, spinning, until all are there.
 *
 * @param target - a function that `module` exports under its own name, as for `Process`; it may be asynchronous, and may {@link record}
 * @returns for each round what each process returned, and their history
 * @throws (rejects with) ERR_PROCESS_FAILED if the target throws in a process or a process dies: the error says which, its `cause` why;
 * ERR_TIMEOUT; ERR_NOT_EXPORTED, ENOENT, DataCloneError as `Process`; ERR_INVALID_STATE inside of a module that is imported for a race. No
 * process is left, however it ends, also if this process is killed.
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
  const members = orders.map((_, number) => new Member(number, url))
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
