/** What is raced: shared objects, the commands that processes do with them, and what these mean when they are done one after another. */
import { types } from 'node:util'
import type { Arbitrary } from 'fast-check'
import { checkFunction, checkOptions, wrongRange, wrongType } from '../check.js'
import { invalidType, SharedCTypesError } from '../errors.js'
import { isShared } from '../memory/shared-object.js'
import { moduleOf } from '../process/target.js'
import type { Model, Outcomes } from './history.js'

/** Something that processes do with the shared objects. */
export interface Command<Objects, State, Args extends unknown[]> {
  /** fast-check's arbitraries of its arguments. Default: it has none. */
  readonly args?: readonly [...{ [I in keyof Args]: Arbitrary<Args[I]> }] | undefined
  /** The real thing, in one of the processes, which gives what can be cloned. It may be asynchronous, but must not wait for what others may never do. */
  run(objects: Objects, ...args: Args): unknown
  /** What it means: see {@link Outcomes}. `process` is the number of the process that does it. */
  step(state: State, args: Args, process: number): Outcomes<State>
}

/** Shared objects, and what they mean. */
export interface Definition<Objects, State> {
  /**
   * Makes the shared objects, in the parent, anew for each repetition: one, or plain data with some in it. They arrive live in the processes, and are
   * closed for you.
   */
  make(): Objects
  /** The model's state of what `make` makes: plain data, without Map, Set, Date, typed arrays. */
  readonly initial: State
  /** What is left when all commands are done: looked at, and what the model says of it. */
  readonly observe?: { run(objects: Objects): unknown; expect(state: State): unknown } | undefined
  /** What it means that a process is killed. With it, sequences kill processes too. */
  death?(state: State, process: number): State
  /** Cleans up what closing does not, in the parent: unlinks names. */
  clean?(objects: Objects): void
}

// biome-ignore lint/suspicious/noExplicitAny: commands of any arguments stand in one list
export type AnyCommand<Objects, State> = Command<Objects, State, any[]>

/** The name of the observation in histories. */
export const OBSERVE = 'observe'

/** Where a process finds a specification again: the how-manieth its module makes. */
export interface Place {
  readonly module: string
  readonly index: number
  /** To tell whether it is the same. */
  readonly commands: readonly string[]
}

const { isAnyArrayBuffer, isDate, isMap, isNativeError, isRegExp, isSet } = types

/** What comes out of a clone as it went in; an instance of a class would have lost its methods. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype || Array.isArray(value) || ArrayBuffer.isView(value)) return true
  return [isAnyArrayBuffer, isDate, isMap, isNativeError, isRegExp, isSet].some((is) => is(value))
}

function checkTravels(value: unknown, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || isShared(value) || ArrayBuffer.isView(value) || seen.has(value)) return
  seen.add(value)
  if (!isPlain(value))
    throw invalidType(
      `Expected what \`make\` gives to be shared objects, or plain data with some in it, got an instance of ${value.constructor.name}: other processes would see it without its methods. Give its parts, and build it of them in \`run\``,
    )
  for (const each of isMap(value) || isSet(value) ? value : Object.values(value)) checkTravels(each, seen)
}

const made = new Map<string, Specification<never, never>[]>()

/** What {@link specification} makes. */
export class Specification<Objects, State> {
  /** Its URL. */
  readonly module: string
  /** As it was given. */
  readonly definition: Definition<Objects, State>
  /** By their names. */
  readonly commands = new Map<string, AnyCommand<Objects, State>>()
  readonly #index: number

  constructor(module: string, definition: Definition<Objects, State>) {
    this.module = module
    this.definition = definition
    const others = made.get(module) ?? []
    made.set(module, others)
    this.#index = others.push(this as unknown as Specification<never, never>) - 1
  }

  /**
   * Adds a command.
   *
   * @param name - for histories; a method's name, say
   * @returns this specification
   * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE for a name that is taken
   */
  command<Args extends unknown[] = []>(name: string, command: Command<Objects, State, Args>): this {
    if (typeof name !== 'string') throw wrongType('name', 'a string', name)
    if (name === '' || name === OBSERVE || this.commands.has(name))
      throw wrongRange('name', `a name that no other command has, and not '${OBSERVE}'`, name)
    const { args = [], run, step } = checkOptions(command, 'command')
    checkFunction(run, 'command.run')
    checkFunction(step, 'command.step')
    if (!Array.isArray(args)) throw wrongType('command.args', 'an array of arbitraries, one for each argument', args)
    this.commands.set(name, command)
    return this
  }

  /**
   * Fresh objects, as `make` makes them.
   *
   * @throws ERR_INVALID_ARG_TYPE for instances of classes in them; what `make` throws
   */
  make(): Objects {
    const objects = this.definition.make()
    checkTravels(objects)
    return objects
  }

  /** @internal */
  get place(): Place {
    return { module: this.module, index: this.#index, commands: [...this.commands.keys()] }
  }

  /** The model of its commands, for histories. */
  get model(): Model<State> {
    const { initial, observe } = this.definition
    return {
      initial,
      step: (state, { name, args, process }) => {
        if (name === OBSERVE) return { state, result: observe?.expect(state) }
        return this.commandOf(name).step(state, [...args], process)
      },
    }
  }

  /** @throws ERR_OUT_OF_RANGE if there is none of that name */
  commandOf(name: string): AnyCommand<Objects, State> {
    const command = this.commands.get(name)
    if (command === undefined) throw wrongRange('name', `one of ${[...this.commands.keys()].join(', ')}`, name)
    return command
  }
}

/**
 * A specification, to be made at the top level of a module, which each process of a race imports. Keep it out of files with tests in them:
 * they can't be imported without their test runner.
 *
 * @param module - `import.meta.url`, or another URL or path of that module
 * @example
 * export const counter = specification(import.meta.url, { make: () => Value('c_int', 0), initial: 0 })
 *   .command('add', { args: [fc.nat(9)], run: (value, n) => value.add(n), step: (sum, [n]) => ({ state: sum + n, result: sum }) })
 * @throws ERR_INVALID_ARG_TYPE
 */
export function specification<Objects, State>(module: string | URL, definition: Definition<Objects, State>): Specification<Objects, State> {
  if (module === undefined) throw wrongType('module', 'import.meta.url of the module that makes the specification', module)
  const { make, observe, death, clean } = checkOptions(definition, 'definition')
  checkFunction(make, 'definition.make')
  if (!('initial' in definition)) throw wrongType('definition.initial', 'the state of what `make` makes', undefined)
  if (observe !== undefined) {
    checkFunction(observe.run, 'definition.observe.run')
    checkFunction(observe.expect, 'definition.observe.expect')
  }
  if (death !== undefined) checkFunction(death, 'definition.death')
  if (clean !== undefined) checkFunction(clean, 'definition.clean')
  return new Specification(moduleOf(module), definition)
}

/** The specification, in a process that has imported its module. */
export function specificationAt({ module, index, commands }: Place): Specification<unknown, unknown> {
  const found = made.get(module)?.[index] as Specification<unknown, unknown> | undefined
  if (found !== undefined && found.place.commands.join() === commands.join()) return found
  throw new SharedCTypesError(
    'ERR_NOT_EXPORTED',
    `The specification of ${commands.join(', ')} is not there when a process imports ${module}: make it, with all its commands, at the module's top level`,
  )
}
