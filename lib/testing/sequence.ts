/** Sequences of commands, one at a time, through fast-check's own runner of models. */
import type { Arbitrary, AsyncCommand, IAsyncPropertyWithHooks } from 'fast-check'
import { checkCount, checkOptions, wrongType } from '../check.js'
import type { Crew } from './crew.js'
import type { Step } from './crew-duties.js'
import { NotLinearizableError } from './errors.js'
import { type Operation, type Outcome, outcomesOf, shownCall } from './history.js'
import { explains } from './linearizable.js'
import { stepOf } from './schedule.js'
import type { Session } from './session.js'
import { OBSERVE, type Specification } from './specification.js'
import { frozen, keyOf } from './structure.js'

/** What the model knows in the middle of a sequence. */
export class Progress<State> {
  /** More than one where the model leaves something open. */
  states: readonly State[]
  /** What was done so far. */
  readonly operations: Operation[] = []

  constructor(initial: State) {
    this.states = [frozen(initial)]
  }

  /** @throws ERR_NOT_LINEARIZABLE if the model does not have it so */
  take(operation: Operation, outcomes: (state: State) => readonly Outcome<State>[]): void {
    const expected = this.states.flatMap(outcomes)
    const fitting = expected.filter((outcome) => explains(outcome, operation))
    if (fitting.length === 0) {
      const verdict = { linearizable: false as const, explained: [...this.operations], refused: [{ operation, expected }] }
      throw new NotLinearizableError([...this.operations, operation], verdict)
    }
    this.operations.push(operation)
    // Equal ones are one: with each command there would be more of them.
    this.states = [...new Map(fitting.map(({ state }) => [keyOf(frozen(state)), state])).values()]
  }
}

/** What the model knows before the first command: `model` of `fc.asyncModelRun`. */
export function startModel<Objects, State>({ definition }: Specification<Objects, State>): Progress<State> {
  return new Progress(definition.initial)
}

/** Looks at what is left after each command, if the specification says how. */
async function observe<Objects, State>(
  { definition, model }: Specification<Objects, State>,
  progress: Progress<State>,
  session: Session<Objects, State>,
): Promise<void> {
  if (definition.observe === undefined) return
  const operation = await session.call(0, { name: OBSERVE, args: [] })
  progress.take(operation, (state) => outcomesOf(model.step(state, operation)))
}

/** A command of a specification as fast-check's: a process does it, or is killed. */
export type SequenceCommand<Objects, State> = AsyncCommand<Progress<State>, Session<Objects, State>>

class RunCommand<Objects, State> implements SequenceCommand<Objects, State> {
  readonly #specification: Specification<Objects, State>
  readonly #process: number
  readonly #step: Step

  constructor(specification: Specification<Objects, State>, process: number, step: Step) {
    this.#specification = specification
    this.#process = process
    this.#step = step
  }

  #outcomes(state: State): readonly Outcome<State>[] {
    const { name, args } = this.#step
    return outcomesOf(this.#specification.commandOf(name).step(state, [...args], this.#process))
  }

  check({ states }: Readonly<Progress<State>>): boolean {
    return states.every((state) => this.#outcomes(state).length > 0)
  }

  async run(progress: Progress<State>, session: Session<Objects, State>): Promise<void> {
    progress.take(await session.call(this.#process, this.#step), (state) => this.#outcomes(state))
    await observe(this.#specification, progress, session)
  }

  toString(): string {
    return `process ${this.#process}: ${shownCall(this.#step)}`
  }
}

class KillCommand<Objects, State> implements SequenceCommand<Objects, State> {
  readonly #specification: Specification<Objects, State>
  readonly #process: number

  constructor(specification: Specification<Objects, State>, process: number) {
    this.#specification = specification
    this.#process = process
  }

  check(): boolean {
    return true
  }

  async run(progress: Progress<State>, session: Session<Objects, State>): Promise<void> {
    const after = (state: State) => [{ state: this.#specification.definition.death?.(state, this.#process) ?? state }]
    progress.take(await session.kill(this.#process), after)
    await observe(this.#specification, progress, session)
  }

  toString(): string {
    return `kill process ${this.#process}`
  }
}

/** How many other commands there are for one that kills a process. */
const COMMANDS_PER_KILL = 30

/**
 * The commands of a specification for `fc.commands`, each to be done by a random process of the crew. With a specification that says what a `death`
 * means, some kill a process instead.
 *
 * @example
 * fc.asyncProperty(fc.commands(specCommands(crew)), async (commands) => {
 *   await using real = await crew.open()
 *   await fc.asyncModelRun(() => ({ model: startModel(counter), real }), commands)
 * })
 */
export function specCommands<Objects, State>(crew: Crew<Objects, State>): Arbitrary<SequenceCommand<Objects, State>>[] {
  const { fc, specification, processes } = crew
  const someProcess = fc.nat(processes - 1)
  const does = fc
    .tuple(someProcess, stepOf(fc, specification))
    .map(([process, step]): SequenceCommand<Objects, State> => new RunCommand(specification, process, step))
  if (specification.definition.death === undefined) return [does]
  const kills = someProcess.map((process): SequenceCommand<Objects, State> => new KillCommand(specification, process))
  return [fc.oneof({ weight: COMMANDS_PER_KILL, arbitrary: does }, { weight: 1, arbitrary: kills })]
}

/** How large a sequence is. */
export interface SequenceBounds {
  /** Commands of a sequence, at most. Default 40. */
  commands?: number | undefined
  /** fast-check's, of a failure that is to be repeated: its `seed` and `path` alone don't lead to the same sequence. */
  replayPath?: string | undefined
}

/**
 * The property that commands of a specification, done one at a time by several processes, do what its model says.
 *
 * @returns what `fc.assert` takes; it fails with ERR_NOT_LINEARIZABLE, ERR_PROCESS_FAILED, ERR_TIMEOUT
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function sequenceProperty<Objects, State>(
  crew: Crew<Objects, State>,
  bounds?: SequenceBounds,
): IAsyncPropertyWithHooks<[Iterable<SequenceCommand<Objects, State>>]> {
  const { commands = 40, replayPath } = checkOptions(bounds)
  const { fc, specification } = crew
  if (replayPath !== undefined && typeof replayPath !== 'string') throw wrongType('replayPath', 'a string', replayPath)
  const replay = replayPath === undefined ? {} : { replayPath }
  const sequence = fc.commands(specCommands(crew), { maxCommands: checkCount('commands', commands, 1), size: 'max', ...replay })
  return fc.asyncProperty(sequence, async (each) => {
    await using real = await crew.open()
    await fc.asyncModelRun(() => ({ model: startModel(specification), real }), each)
  })
}
