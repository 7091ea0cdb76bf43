/** What was done in a race: operations with their beginning and their end, and the sequential model that they are held against. */
import { inspect } from 'node:util'
import { checkCount, wrongRange, wrongType } from '../check.js'

/** One call, as one process saw it. */
export interface Operation {
  /** Who did it: the number of the process, from 0. */
  readonly process: number
  readonly name: string
  readonly args: readonly unknown[]
  /** When it began and ended, by a clock that all processes share. `Infinity`: it never ended, because its process was killed in it. */
  readonly begin: number
  readonly end: number
  readonly result?: unknown
  /** Of an operation that threw: the error's code, or its name if it has none. */
  readonly error?: string
  /** What the error said. For people; it is not compared. */
  readonly message?: string
  /** Where it was thrown, if it had no code: it may be a slip in the code that is tested. For people as well. */
  readonly stack?: string
}

/** In any order: it is the clock that counts. */
export type History = readonly Operation[]

/** What a model says to an operation: the state after it, and what it gives (nothing: undefined) or with which code it throws. */
export interface Outcome<State> {
  readonly state: State
  readonly result?: unknown
  readonly error?: string
}

/** One outcome, or several of which any may be, or undefined: in this state the operation does not happen (it would wait). */
export type Outcomes<State> = Outcome<State> | readonly Outcome<State>[] | undefined

/** What the operations mean if they are done one after another. Plain data and pure functions: a state is frozen, `step` makes the next one. */
export interface Model<State> {
  readonly initial: State
  /** What an operation does in a state, and gives. */
  step(state: State, operation: Operation): Outcomes<State>
}

export function outcomesOf<State>(outcomes: Outcomes<State>): readonly Outcome<State>[] {
  if (outcomes === undefined) return []
  const list = Array.isArray(outcomes) ? (outcomes as readonly Outcome<State>[]) : [outcomes as Outcome<State>]
  for (const each of list) {
    if (typeof each !== 'object' || each === null || !('state' in each))
      throw wrongType('step()', "an outcome { state, result? } or { state, error }, an array of them, or undefined for 'not now'", each)
  }
  return list
}

export function isPending(operation: Operation): boolean {
  return operation.end === Number.POSITIVE_INFINITY
}

export function checkHistory(history: History): void {
  if (!Array.isArray(history)) throw wrongType('history', 'an array of operations', history)
  for (const [i, operation] of history.entries()) {
    if (typeof operation !== 'object' || operation === null) throw wrongType(`history[${i}]`, 'an operation', operation)
    const { process, name, args, begin, end } = operation as Operation
    checkCount(`history[${i}].process`, process, 0)
    if (typeof name !== 'string') throw wrongType(`history[${i}].name`, 'a string', name)
    if (!Array.isArray(args)) throw wrongType(`history[${i}].args`, 'an array', args)
    if (typeof begin !== 'number') throw wrongType(`history[${i}].begin`, 'a number', begin)
    if (Number.isNaN(begin)) throw wrongRange(`history[${i}].begin`, 'an instant', begin)
    if (typeof end !== 'number') throw wrongType(`history[${i}].end`, 'a number', end)
    if (!(begin <= end)) throw wrongRange(`history[${i}].end`, `a number >= ${begin}, its beginning`, end)
  }
}

export function shownValue(value: unknown): string {
  return inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY, compact: true, maxArrayLength: 10, maxStringLength: 60 })
}

export function shownCall({ name, args }: { readonly name: string; readonly args: readonly unknown[] }): string {
  return `${name}(${args.map(shownValue).join(', ')})`
}

/** What came of it: `→ 3`, `✗ ERR_DEADLOCK`; nothing where it gives nothing. */
export function shownOutcome({ result, error, message }: { result?: unknown; error?: string; message?: string }): string {
  if (error !== undefined) return error.startsWith('ERR_') || message === undefined ? `✗ ${error}` : `✗ ${error}: ${message}`
  return result === undefined ? '' : `→ ${shownValue(result)}`
}

export function shownOperation(operation: Operation): string {
  const outcome = isPending(operation) ? '… no answer' : shownOutcome(operation)
  return outcome === '' ? shownCall(operation) : `${shownCall(operation)} ${outcome}`
}
