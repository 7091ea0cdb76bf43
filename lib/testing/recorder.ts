/** Operations written down while a process does them. */
import { inspect } from 'node:util'
import { isThenable } from '../check.js'
import { codeOf, invalidType, SharedCTypesError } from '../errors.js'
import type { Operation } from './history.js'
import type { StartingLine } from './starting-line.js'

/** As it stands in stacks: where operations are called, and, if source maps name other files, what calls them. */
const OURS = [new URL('.', import.meta.url).href, ' Recorder.perform ']

/**
 * A value as it is now: a view of shared memory would show later what others wrote meanwhile.
 *
 * @throws DataCloneError
 */
export function asIs<T>(value: T): T {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol'
    ? structuredClone(value)
    : value
}

/** The calls that led to an error, without those of this package that called the operation. */
function stackOf({ stack, message }: Error): { stack?: string } {
  if (typeof stack !== 'string') return {} // as Error.prepareStackTrace has it
  const calls = stack
    .slice(stack.indexOf(message) + message.length)
    .split('\n')
    .filter((row) => /^ +at /.test(row))
  const own = calls.findIndex((row) => OURS.some((each) => row.includes(each)))
  const theirs = calls.slice(0, own < 0 ? calls.length : own)
  return theirs.length === 0 ? {} : { stack: theirs.join('\n') }
}

/** What was thrown, whatever it is: an operation that is not written down would be missing from the history. */
function thrown(error: unknown): Pick<Operation, 'error' | 'message' | 'stack'> {
  try {
    const code = codeOf(error)
    if (!(error instanceof Error)) return { error: code ?? 'no Error', message: inspect(error) }
    const message = String(error.message)
    return code === undefined ? { error: String(error.name), message, ...stackOf(error) } : { error: code, message }
  } catch {
    return { error: 'no Error', message: 'what was thrown throws itself when it is looked at' }
  }
}

export class Recorder {
  readonly #line: StartingLine
  readonly #process: number
  #operations: Operation[] = []
  /** Promises that have not settled yet, by the operation's name. */
  readonly #unsettled = new Set<{ readonly name: string }>()
  #failure: Error | undefined

  constructor(line: StartingLine, process: number) {
    this.#line = line
    this.#process = process
  }

  /**
   * Between begin and end nothing is done but `run`, and the copy of what it gave: what stands there makes it likelier that operations meet, or less
   * likely.
   *
   * @param args - for the history: the caller sees to it that nobody changes them
   */
  perform<T>(name: string, args: readonly unknown[], run: () => T): T {
    const begin = this.#line.tick()
    let result: T
    try {
      result = run()
    } catch (error) {
      this.#threw(name, args, begin, error)
      throw error
    }
    if (!isThenable(result)) {
      this.#gave(name, args, begin, result)
      return result
    }
    const entry = { name }
    this.#unsettled.add(entry)
    return result.then(
      (value) => {
        this.#unsettled.delete(entry)
        this.#gave(name, args, begin, value)
        return value
      },
      (error) => {
        this.#unsettled.delete(entry)
        this.#threw(name, args, begin, error)
        throw error
      },
    ) as T
  }

  /** The copy comes before the end: what others write after it is not part of the operation. */
  #gave(name: string, args: readonly unknown[], begin: number, result: unknown): void {
    try {
      const copy = asIs(result)
      const end = this.#line.tick()
      this.#operations.push({ process: this.#process, name, args, begin, end, result: copy })
    } catch (error) {
      // It did take effect: a history without it would be judged wrongly.
      this.#failure ??= invalidType(`Expected what '${name}' gives to be data that can be cloned: ${(error as Error).message}`)
    }
  }

  #threw(name: string, args: readonly unknown[], begin: number, error: unknown): void {
    const end = this.#line.tick()
    this.#operations.push({ process: this.#process, name, args, begin, end, ...thrown(error) })
  }

  /**
   * What was written down since the last call.
   *
   * @throws ERR_INVALID_ARG_TYPE if a result could not be cloned; ERR_INVALID_STATE if an operation is not over
   */
  take(): Operation[] {
    if (this.#failure !== undefined) throw this.#failure
    for (const { name } of this.#unsettled)
      throw new SharedCTypesError(
        'ERR_INVALID_STATE',
        `'${name}' was not awaited: it would end in the history of a later round, or in none`,
      )
    const operations = this.#operations
    this.#operations = []
    return operations
  }
}
