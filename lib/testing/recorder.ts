/** Operations written down while a process does them. */
import { inspect } from 'node:util'
import { isThenable } from '../check.js'
import { codeOf } from '../errors.js'
import type { Operation } from './history.js'
import type { StartingLine } from './starting-line.js'

/** A result as it is now: a view of shared memory would show later what others wrote meanwhile. */
function asIs(result: unknown): unknown {
  return typeof result === 'object' && result !== null ? structuredClone(result) : result
}

export class Recorder {
  readonly #line: StartingLine
  readonly #process: number
  #operations: Operation[] = []

  constructor(line: StartingLine, process: number) {
    this.#line = line
    this.#process = process
  }

  /** Between begin and end nothing is done but `run`: what stands there makes it likelier that operations meet, or less likely. */
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
    return result.then(
      (value) => {
        this.#gave(name, args, begin, value)
        return value
      },
      (error) => {
        this.#threw(name, args, begin, error)
        throw error
      },
    ) as T
  }

  #gave(name: string, args: readonly unknown[], begin: number, result: unknown): void {
    const end = this.#line.tick()
    this.#operations.push({ process: this.#process, name, args, begin, end, result: asIs(result) })
  }

  #threw(name: string, args: readonly unknown[], begin: number, error: unknown): void {
    const end = this.#line.tick()
    const message = error instanceof Error ? error.message : inspect(error)
    const code = codeOf(error) ?? (error instanceof Error ? error.name : 'no Error')
    this.#operations.push({ process: this.#process, name, args, begin, end, error: code, message })
  }

  /** What was written down since the last call. */
  take(): Operation[] {
    const operations = this.#operations
    this.#operations = []
    return operations
  }
}
