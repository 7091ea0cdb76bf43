/** Parties: long-lived forked children and worker threads that use shared objects when told to. */
import { type ChildProcess, fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import type { Handle } from '../../lib/index.js'
import type { ArgumentsOf, OperationName, ResultOf } from '../fixtures/actor-operations.js'
import { asleep } from './asleep.js'
import { untilBusily } from './deferred.js'
import { fixturePath } from './paths.js'
import { stateOf } from './proc.js'

export type Kind = 'process' | 'worker'

export interface Call {
  readonly id: number
  readonly operation: OperationName
  readonly index: number
  readonly args: readonly unknown[]
}

export type Answer = { readonly id: number } & (
  | { readonly begun: true }
  | { readonly done: true; readonly result?: unknown } // JSON leaves undefined out
  | { readonly error: { name: string; message: string; code?: string } }
)

interface Pending {
  begin(): void
  resolve(result: unknown): void
  reject(error: Error): void
}

/** What is going on: `begun` when the party is about to do it, `done` with its outcome. */
export interface Begun<T> {
  readonly begun: Promise<void>
  readonly done: Promise<T>
}

const program = fixturePath('lock-actor')

/** One of a party's objects: a lock. */
export type RemoteLock = Remote

export class Actor {
  readonly kind: Kind
  /** Resolves when the party has ended, however it did. */
  readonly ended: Promise<void>
  readonly #party: ChildProcess | Worker
  readonly #pending = new Map<number, Pending>()
  /** Which process and thread it is. */
  readonly self: Promise<ResultOf<'whoAmI'>>
  #calls = 0

  constructor(kind: Kind) {
    this.kind = kind
    this.#party = kind === 'process' ? fork(program, { execArgv: ['--no-warnings'] }) : new Worker(program, { execArgv: ['--no-warnings'] })
    this.#party.on('message', (message) => this.#hear(message as Answer))
    this.ended = new Promise((resolve) => {
      this.#party.on('exit', () => {
        for (const pending of this.#pending.values()) pending.reject(new Error(`the ${kind} has ended`))
        resolve()
      })
    })
    this.self = this.call('whoAmI', 0) // now: later it may be asleep
    this.self.catch(() => {})
  }

  #hear(message: Answer): void {
    const pending = this.#pending.get(message.id)
    if (pending === undefined) return
    if ('begun' in message) {
      pending.begin()
      return
    }
    this.#pending.delete(message.id)
    if ('done' in message) pending.resolve(message.result)
    else pending.reject(Object.assign(new Error(message.error.message), message.error))
  }

  /** Tells the party to do something and does not wait for its end. */
  begin<K extends OperationName>(operation: K, index: number, ...args: ArgumentsOf<K>): Begun<ResultOf<K>> {
    const id = ++this.#calls
    let begin: () => void = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const done = new Promise<ResultOf<K>>((resolve, reject) => {
      this.#pending.set(id, { begin, resolve: (result) => resolve(result as ResultOf<K>), reject })
    })
    done.catch(() => {}) // whoever looks at it hears of it
    const call: Call = { id, operation, index, args }
    if (this.#party instanceof Worker) this.#party.postMessage(call)
    else this.#party.send(call)
    return { begun, done }
  }

  call<K extends OperationName>(operation: K, index: number, ...args: ArgumentsOf<K>): Promise<ResultOf<K>> {
    return this.begin(operation, index, ...args).done
  }

  /** The lock of this handle, there. */
  async open(handle: Handle): Promise<Remote> {
    return new Remote(this, await this.call('attach', 0, handle))
  }

  /** What this handle leads to, there, to wait on. */
  async openWaitable(handle: Handle): Promise<Remote> {
    return new Remote(this, await this.call('attachWaitable', 0, handle))
  }

  /** The object of this handle, there, to `use`. */
  async openObject(handle: Handle): Promise<Remote> {
    return new Remote(this, await this.call('attachObject', 0, handle))
  }

  /** Resolves once it sleeps in a blocking wait. */
  async asleep(): Promise<void> {
    const { pid, tid } = await this.self
    await asleep(pid, tid)
  }

  /** Sends a signal to a process: SIGSTOP resolves when it stands still. */
  async signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const { pid } = await this.self
    process.kill(pid, signal)
    if (signal === 'SIGSTOP') await untilBusily(() => stateOf(pid) === 'T')
  }

  /** Ends it without a chance to do anything: SIGKILL, or terminating the thread. */
  async kill(): Promise<void> {
    if (this.#party instanceof Worker) void this.#party.terminate()
    else this.#party.kill('SIGKILL')
    await this.ended
  }

  /** Lets it end by itself, without releasing anything. */
  async exit(): Promise<void> {
    this.begin('exit', 0)
    await this.ended
  }
}

/** One of a party's objects. */
export class Remote {
  readonly actor: Actor
  readonly #index: number

  constructor(actor: Actor, index: number) {
    this.actor = actor
    this.#index = index
  }

  begin<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Begun<ResultOf<K>> {
    return this.actor.begin(operation, this.#index, ...args)
  }

  call<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Promise<ResultOf<K>> {
    return this.begin(operation, ...args).done
  }
}
