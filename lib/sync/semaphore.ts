/**
 * Semaphore and BoundedSemaphore: POSIX's sem_t, with a ledger of which process holds how many permits. Python's multiprocessing gives the names,
 * POSIX (sem_overview) the meaning of the value and of names.
 */
import { checkFunction, checkTimeout, wrongRange, wrongType } from '../check.js'
import { OverReleaseError, TimeoutError } from '../errors.js'
import { registerKind } from '../memory/attach.js'
import { type Block, bodySpec, ObjectKind } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import { native, regs } from '../native.js'
import { AsyncLine, type TakerLine, takerLine, WaitKind } from './async-line.js'
import { callHolding, callHoldingAsync, type Hold, holdUntil } from './holding.js'
import { type AsyncWaitOptions, type CheckedWait, checkWait, type WaitOptions } from './options.js'
import { noRoom, slice } from './parking.js'
import { placeIn, SyncObject } from './sync-object.js'

/** The largest value, as <limits.h> has it. */
const SEM_VALUE_MAX = 2 ** 31 - 1

/** Where the body counts its waiters, in bytes; native/core/layout.h: Ledger. */
const PARKED = 32

/** Processes that a segment tells apart; native/core/layout.h. */
const SLOTS = 64

/** What semTry and semWait answer when they took a permit, and semRelease when nobody is to be woken. */
const DONE = 0
/** semRelease: done, and others wait for it here. */
const WAKE_OTHERS = 1
/** semWait: too many wait. */
const NO_ROOM = 2

// Constants of this module, which the compiler knows by address; an imported binding is looked up at each use.
const { semTry, semRelease } = native
const registers = regs

export class SharedSemaphore extends SyncObject {
  readonly #slot: number
  #line: (() => TakerLine) | undefined

  /** @internal */
  constructor(block: Block) {
    super(block)
    this.#slot = block.segment.slot
  }

  #at(): void {
    this.block.checkOpen()
    registers[0] = this.block.segment.number
    registers[1] = this.block.dataOffset
  }

  /** Gives back what the dead held, and reads the value. */
  #look(): void {
    this.#at()
    native.semLook()
  }

  #try(): boolean {
    registers[0] = this.block.dataAddress * SLOTS + this.#slot
    semTry()
    return registers[0] === DONE
  }

  /**
   * How many permits are free at this moment. Those of processes that were killed are free.
   */
  get value(): number {
    this.#look()
    return registers[0] as number
  }

  /**
   * Takes a permit, blocking the thread until there is one.
   *
   * The permit belongs to this process, until a release. If the process is killed, it comes back.
   *
   * @param timeout - ms to wait at most; absent: for ever; 0: try once
   * @returns whether a permit was taken; false only when time ran out
   * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_CLOSED; ENOSPC if too many threads wait
   */
  acquire(timeout?: number): boolean {
    if (timeout === undefined) {
      registers[0] = this.block.dataAddress * SLOTS + this.#slot
      semTry()
      return registers[0] === DONE || this.#wait(Number.POSITIVE_INFINITY)
    }
    const limit = checkTimeout(timeout)
    return this.#try() || this.#wait(limit)
  }

  /** Takes a permit if one is free at this moment. The same as `acquire(0)`. */
  tryAcquire(): boolean {
    return this.acquire(0)
  }

  /** The rest of acquire, after a try in vain. */
  #wait(limit: number): boolean {
    if (limit === 0) {
      this.#look() // the dead may have left some; semWait looks for itself
      return this.#try()
    }
    const start = performance.now()
    let record = -1
    for (let waited = 0; ; waited = performance.now() - start) {
      this.#at()
      registers[3] = record
      if (waited >= limit) {
        if (record >= 0) native.semLeave()
        return this.#try()
      }
      registers[4] = slice(waited, limit - waited)
      native.semWait()
      if (registers[0] === DONE) return true
      if (registers[0] === NO_ROOM) throw noRoom(this.block.what)
      record = registers[3] as number
    }
  }

  /**
   * Gives back permits, and wakes as many who wait.
   *
   * What this process holds is given back first; then what other processes hold (a permit may be handed on); then new ones are made. A
   * Semaphore that only signals, one process releasing and others acquiring, therefore counts as held what was taken and not yet made up for.
   *
   * @param n - how many, from 1
   * @throws ERR_OVER_RELEASE if the value would exceed a BoundedSemaphore's first value, or 2,147,483,647; nothing is changed. ERR_INVALID_ARG_TYPE,
   * ERR_OUT_OF_RANGE, ERR_CLOSED
   */
  release(n?: number): void {
    if (n === undefined || n === 1) {
      registers[0] = this.block.dataAddress * SLOTS + this.#slot
      semRelease()
      if (registers[0] === DONE) return
      const done = registers[0] === WAKE_OTHERS
      this.#at()
      if (done) native.semPassOn()
      else this.#releaseMany(1)
    } else {
      if (typeof n !== 'number') throw wrongType('n', 'a number of permits', n)
      if (!Number.isInteger(n) || n < 1) throw wrongRange('n', 'an integer >= 1', n)
      this.#releaseMany(n)
    }
    AsyncLine.poke(this.block.dataAddress)
  }

  #releaseMany(n: number): void {
    this.#at()
    registers[2] = Math.min(n, SEM_VALUE_MAX)
    if (n <= SEM_VALUE_MAX) native.semReleaseMany()
    if (n <= SEM_VALUE_MAX && registers[0] === 1) return
    this.#look()
    throw new OverReleaseError(
      `Expected to release at most as many permits of ${this.block.what} as are missing from its bound ${registers[1]}, got ${n} with ${registers[0]} free`,
    )
  }

  /**
   * Takes a permit without blocking the event loop. Asynchronous waits of one thread are served in order of arrival.
   *
   * @returns whether a permit was taken; false only when time ran out. A pending wait keeps the process alive
   * @throws (rejects with) the signal's reason; ERR_CLOSED, also when the object is closed meanwhile; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOSPC
   */
  async acquireAsync(options?: AsyncWaitOptions): Promise<boolean> {
    return this.#take(checkWait(options))
  }

  async #take(wait: CheckedWait): Promise<boolean> {
    wait.signal?.throwIfAborted()
    this.block.checkOpen()
    const line = this.#asLine()
    if (line.empty && this.#try()) return true
    this.#look()
    if (line.empty && this.#try()) return true
    if (wait.timeout === 0) return false
    return (await line.until({ owner: this, what: this.block.what, attempt: this.#attempt }, wait)) === 'woken'
  }

  readonly #attempt = (): boolean => {
    if (!this.#try()) return false
    this.#at()
    native.semPassOn() // several may have been released at once
    return true
  }

  /** Where this thread's asynchronous waits are: made on first use, and told to the block, so that closing ends the waits. */
  #asLine(): TakerLine {
    if (this.#line !== undefined) return this.#line()
    const place = placeIn(this.block, 0, PARKED)
    const abandon = (record: number) => {
      registers[0] = place.segment
      registers[1] = place.key
      registers[3] = record
      native.semLeave()
    }
    this.#line = takerLine(this.block, this, place, { kind: WaitKind.semaphore, dataOffset: place.key, lockAddress: 0 }, abandon)
    return this.#line()
  }

  /** @internal */
  timedOut(): TimeoutError {
    return new TimeoutError(`No permit of ${this.block.what} could be had in time`)
  }

  /**
   * Calls `fn` with a permit and gives it back however `fn` ends.
   *
   * @throws what `fn` throws; ERR_TIMEOUT if time ran out; ERR_INVALID_ARG_TYPE if `fn` returns a promise, after releasing; and what `acquire` throws
   */
  withPermit<T>(fn: () => T, options?: WaitOptions): T {
    return callHolding(this, fn, options, 'the permit is given back when it returns. Use withPermitAsync')
  }

  /**
   * Waits for a permit without blocking the event loop, calls `fn`, awaits what it returns, and gives the permit back however that ends.
   *
   * @throws (rejects with) what `fn` throws; ERR_TIMEOUT if time ran out; and what `acquireAsync` rejects with
   */
  async withPermitAsync<T>(fn: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T> {
    checkFunction(fn, 'fn')
    if (!(await this.#take(checkWait(options)))) throw this.timedOut()
    return callHoldingAsync(fn, this)
  }

  /**
   * Takes a permit until the end of the block: `using _ = semaphore.hold()`.
   *
   * @throws ERR_TIMEOUT if time ran out; and what `acquire` throws
   */
  hold(options?: WaitOptions): Hold {
    return holdUntil(this, options)
  }

  protected summary(): string {
    this.#look()
    const bound = registers[1] === SEM_VALUE_MAX ? '' : ` of ${registers[1]}`
    return `${registers[0]}${bound} free`
  }
}

/** A number of permits that processes take and give back. */
export type Semaphore = SharedSemaphore
/** A semaphore that refuses more releases than acquires. */
export type BoundedSemaphore = SharedSemaphore

function make(kind: 'Semaphore' | 'BoundedSemaphore', value: number, named: NamedOptions | undefined): SharedSemaphore {
  if (typeof value !== 'number') throw wrongType('value', 'a number of permits (options come second: Semaphore(1, { name }))', value)
  if (!Number.isInteger(value) || value < 0 || value > SEM_VALUE_MAX)
    throw wrongRange('value', `an integer from 0 to ${SEM_VALUE_MAX}`, value)
  const bound = kind === 'Semaphore' ? SEM_VALUE_MAX : value
  const initialise = (block: Block) => {
    regs[0] = block.segment.number
    regs[1] = block.dataOffset
    regs[2] = value
    regs[3] = bound
    native.semInit()
  }
  const adopt = (fileName: string) => native.adoptSemaphore(fileName, ObjectKind[kind], bound)
  const block = createObject(bodySpec(kind, 'none'), checkNaming(named), initialise, adopt)
  if (block.name !== undefined) {
    regs[0] = block.segment.number
    regs[1] = block.dataOffset
    native.semOpened()
  }
  return new SharedSemaphore(block)
}

/**
 * A counting semaphore between processes, worker threads and asynchronous flows.
 *
 * With a name it is the POSIX semaphore `/name`: `sem_open("/name")` in C opens the same. Permits that a killed process of this library held
 * come back: to one that asks for a permit at once, to one that waits already within 10 to 100 ms. What a program in C took it takes with it when
 * it is killed, as POSIX has it; and a wake-up that is given to a program in C which is killed before it runs reaches the next one in C only with the next
 * post.
 *
 * @param value - how many permits there are at first, 0 to 2,147,483,647. Ignored where the name leads to a semaphore that exists
 * @param named - name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EEXIST, ENOENT, EACCES, ENOSPC; ERR_TYPE_MISMATCH if the name leads to something else
 * @example using _ = semaphore.hold()
 */
export function Semaphore(value = 1, named?: NamedOptions): Semaphore {
  return make('Semaphore', value, named)
}

/** The same as {@link Semaphore}, but a release beyond the first value throws ERR_OVER_RELEASE. */
export function BoundedSemaphore(value = 1, named?: NamedOptions): BoundedSemaphore {
  return make('BoundedSemaphore', value, named)
}

for (const kind of ['Semaphore', 'BoundedSemaphore'] as const) registerKind(kind, (block) => new SharedSemaphore(block))
