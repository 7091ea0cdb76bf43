/** A process of a race, seen from its parent. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { packArguments } from '../process/arguments.js'
import { inheritedExecArgv } from '../process/process.js'
import type { ArgsOf, Duty, ResultOf } from './duties.js'
import { processFailed } from './errors.js'
import { type Answer, type Birth, type Failure, isAnswer, LIFELINE_FD, type Order, type Packed } from './orders.js'

const program = fileURLToPath(new URL('./member-process.js', import.meta.url))

/** An error that came from another process. */
function revived({ name, message, stack, code }: Failure): Error {
  return Object.assign(new Error(message), { name, stack, ...(code === undefined ? {} : { code }) })
}

/** Arguments for several members, packed once. */
export function pack<D extends Duty>(duty: D, ...args: ArgsOf<D>): { readonly duty: D; readonly args: Packed } {
  return { duty, args: packArguments(args, () => {}) }
}

export class Member {
  readonly #child: ChildProcess
  readonly #what: string
  readonly #ended: Promise<void>
  #answered: { resolve(result: unknown): void; reject(error: Error): void } | undefined
  #alive = true

  /** Resolves when the process has imported the module; rejects with ERR_PROCESS_FAILED if it can't. */
  readonly ready: Promise<void>

  /** @param number - which process of the race it is */
  constructor(number: number, module: string) {
    const stdio: ('ignore' | 'inherit' | 'ipc' | 'pipe')[] = ['ignore', 'inherit', 'inherit', 'ipc']
    stdio[LIFELINE_FD] = 'pipe'
    this.#child = fork(program, [], { stdio, serialization: 'advanced', execArgv: inheritedExecArgv() })
    this.#what = `Process ${number} of the race (pid ${this.#child.pid})`
    this.#child.on('message', (message) => {
      if (isAnswer(message)) this.#hear(message)
    })
    this.#ended = new Promise((resolve) => {
      const end = (why: string) => {
        this.#alive = false
        this.#settle()?.reject(processFailed(this.#what, why))
        resolve()
      }
      this.#child.once('exit', (code, signal) => end(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`))
      this.#child.once('error', (error) => end(`could not be started: ${error.message}`))
    })
    this.ready = this.#tell({ name: `race-${number}`, module } satisfies Birth).then(() => {})
    this.ready.catch(() => {}) // whoever waits for it hears of it
  }

  #settle(): { resolve(result: unknown): void; reject(error: Error): void } | undefined {
    const settle = this.#answered
    this.#answered = undefined
    return settle
  }

  #hear(message: Answer): void {
    if ('result' in message) this.#settle()?.resolve(message.result)
    else {
      const cause = revived(message.failure)
      this.#settle()?.reject(processFailed(this.#what, `failed: ${cause.name}: ${cause.message}`, cause))
    }
  }

  /** One at a time. */
  #tell(message: Birth | Order): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject }
      this.#child.send(message, (error) => {
        if (error !== null) this.#settle()?.reject(processFailed(this.#what, 'can not be told anything', error))
      })
    })
  }

  /** @throws (rejects with) ERR_PROCESS_FAILED if it throws there, or the process ends meanwhile */
  async call<D extends Duty>(order: { readonly duty: D; readonly args: Packed }): Promise<ResultOf<D>> {
    return (await this.#tell(order)) as ResultOf<D>
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get alive(): boolean {
    return this.#alive
  }

  /** By SIGKILL. Resolves when it is gone. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
