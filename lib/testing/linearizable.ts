/**
 * Is a history linearizable? That is: could its operations have been done one after another, each at some instant between its beginning and
 * its end, and have given what they gave? After Wing and Gong (1993), with Lowe's (2017) memory of configurations that led nowhere.
 */
import { isDeepStrictEqual } from 'node:util'
import { checkFunction, wrongType } from '../check.js'
import { checkHistory, type History, isPending, type Model, type Operation, type Outcome, outcomesOf } from './history.js'
import { lanesOf } from './lanes.js'
import { frozen, keyOf } from './structure.js'

/** An operation that could not come next, and what the model would have it give; nothing: it would not happen. */
export interface Refusal {
  readonly operation: Operation
  readonly expected: readonly Outcome<unknown>[]
}

/** Whether a history is linearizable, and what shows it. */
export type Verdict =
  | { readonly linearizable: true /** An order that explains it. */; readonly order: readonly Operation[] }
  | {
      readonly linearizable: false
      /** The longest beginning of an order that could be explained. */
      readonly explained: readonly Operation[]
      /** The operations of which one had to come next. */
      readonly refused: readonly Refusal[]
    }

interface Move<State> {
  readonly lane: number
  readonly operation: Operation
  readonly state: State
}

/** A configuration of the search: what was done last, the state after it, and what may come next. */
interface Frame<State> {
  readonly by: Move<State> | undefined
  readonly state: State
  readonly moves: readonly Move<State>[]
  next: number
}

/** Whether the model's outcome is what the operation gave. One that never ended may have given anything. */
export function explains(outcome: Outcome<unknown>, operation: Operation): boolean {
  if (isPending(operation)) return true
  if (outcome.error !== undefined || operation.error !== undefined) return outcome.error === operation.error
  return isDeepStrictEqual(outcome.result, operation.result)
}

class Search<State> {
  readonly #model: Model<State>
  readonly #lanes: readonly Operation[][]
  /** How many operations of each lane have been done. */
  readonly #done: number[]
  readonly #seen = new Set<string>()
  readonly #stack: Frame<State>[] = []
  #best: { explained: readonly Operation[]; refused: readonly Refusal[] } = { explained: [], refused: [] }

  constructor(history: History, model: Model<State>) {
    this.#model = model
    this.#lanes = lanesOf(history)
    this.#done = this.#lanes.map(() => 0)
  }

  run(): Verdict {
    this.#enter(undefined, frozen(this.#model.initial))
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      if (this.#complete()) return { linearizable: true, order: this.#order() }
      const move = frame.moves[frame.next++]
      if (move === undefined) this.#leave()
      else {
        this.#done[move.lane] = (this.#done[move.lane] as number) + 1
        const key = `${this.#done.join()} ${keyOf(move.state)}`
        if (this.#seen.has(key)) this.#done[move.lane] = (this.#done[move.lane] as number) - 1
        else {
          this.#seen.add(key)
          this.#enter(move, move.state)
        }
      }
    }
    return { linearizable: false, ...this.#best }
  }

  #next(lane: number): Operation | undefined {
    return this.#lanes[lane]?.[this.#done[lane] as number]
  }

  /** What is left never ended, and may as well never have been done. */
  #complete(): boolean {
    return this.#lanes.every((_, lane) => {
      const operation = this.#next(lane)
      return operation === undefined || isPending(operation)
    })
  }

  #order(): Operation[] {
    return this.#stack.flatMap(({ by }) => (by === undefined ? [] : [by.operation]))
  }

  #enter(by: Move<State> | undefined, state: State): void {
    const moves: Move<State>[] = []
    const refused: Refusal[] = []
    for (const [lane, operation] of this.#candidates()) {
      const expected = outcomesOf(this.#model.step(state, operation))
      const fitting = expected.filter((outcome) => explains(outcome, operation))
      moves.push(...fitting.map((outcome) => ({ lane, operation, state: frozen(outcome.state) })))
      if (fitting.length === 0) refused.push({ operation, expected })
    }
    this.#stack.push({ by, state, moves, next: 0 })
    if (moves.length === 0 && (this.#best.refused.length === 0 || this.#stack.length - 1 > this.#best.explained.length))
      this.#best = { explained: this.#order(), refused }
  }

  #leave(): void {
    const { by } = this.#stack.pop() as Frame<State>
    if (by !== undefined) this.#done[by.lane] = (this.#done[by.lane] as number) - 1
  }

  /** Those that began before any that is left ended; first those that ended first, which are likely to have been first. */
  #candidates(): [lane: number, operation: Operation][] {
    const left = this.#lanes.flatMap((_, lane): [number, Operation][] => {
      const operation = this.#next(lane)
      return operation === undefined ? [] : [[lane, operation]]
    })
    const end = Math.min(...left.map(([, operation]) => operation.end))
    return left.filter(([, { begin }]) => begin <= end).sort(([, a], [, b]) => a.end - b.end)
  }
}

/**
 * Looks for an order of a history's operations that the model explains. Operations that never ended (`end: Infinity`) may have taken effect
 * or not.
 *
 * @returns the order; or, if there is none, how far one gets and what the model would have come then
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE for what is no history or no model
 * @example checkLinearizable(history, { initial: 0, step: (n, { name }) => name === 'add' ? { state: n + 1, result: n } : { state: n, result: n } })
 */
export function checkLinearizable<State>(history: History, model: Model<State>): Verdict {
  checkHistory(history)
  if (typeof model !== 'object' || model === null) throw wrongType('model', 'an object { initial, step }', model)
  checkFunction(model.step, 'model.step')
  return new Search(history, model).run()
}
