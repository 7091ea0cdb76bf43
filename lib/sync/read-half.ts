/** The reading half of an RWLock. */
import { inspect } from 'node:util'
import { checkFunction, checkTimeout } from '../check.js'
import { DeadlockError, NotOwnerError, TimeoutError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { native, regs } from '../native.js'
import { AsyncLine, type TakerLine, takerLine, WaitKind } from './async-line.js'
import { newFrame, runInside } from './flow.js'
import { callHolding, callHoldingAsync, type Hold, holdUntil, LOCK_HINT } from './holding.js'
import type { Mutex } from './mutex.js'
import { type AsyncWaitOptions, type CheckedWait, checkWait, type WaitOptions } from './options.js'
import { takeInLine, type WaitPlace } from './parking.js'
import type { Reads } from './reads.js'
import { placeIn } from './sync-object.js'

/** Where the body counts waiting readers, in bytes; native/core/layout.h: Ledger. */
const PARKED = 32

/** What readRelease answers. */
const DONE = 0
const WAKE_WRITER = 1

// Constants of this module, which the compiler knows by address; an imported binding is looked up at each use.
const { readTry, readRelease } = native
const registers = regs

/** Many may hold it, while nobody holds the other half. */
export class ReadHalf {
  readonly #block: Block
  readonly #mutex: Mutex
  readonly #reads: Reads
  readonly #slot: number
  #line: (() => TakerLine) | undefined

  /** @internal */
  constructor(block: Block, mutex: Mutex, reads: Reads) {
    this.#block = block
    this.#mutex = mutex
    this.#reads = reads
    this.#slot = block.segment.slot
  }

  get #what(): string {
    return `the reading half of ${this.#block.what}`
  }

  #try(): boolean {
    registers[0] = this.#block.dataAddress
    registers[1] = this.#slot
    readTry()
    return registers[0] === DONE
  }

  #look(): void {
    this.#block.checkOpen()
    registers[0] = this.#block.segment.number
    registers[1] = this.#block.dataOffset
    native.rwLook()
  }

  /**
   * Reads, blocking the thread until no writer is there or waits. A thread that reads already, or writes (blocking, or in the `withLockAsync` callback
   * that calls), is let in at once.
   *
   * @param timeout - ms to wait at most; absent: for ever; 0: try once
   * @returns whether it was taken; false only when time ran out
   * @throws ERR_DEADLOCK if another asynchronous flow of this thread writes; ERR_OWNER_DIED by policy, where a writer was killed; ERR_INVALID_ARG_TYPE,
   * ERR_OUT_OF_RANGE; ERR_CLOSED; ENOSPC if too many threads wait
   */
  acquire(timeout?: number): boolean {
    const reads = this.#reads
    const limit = timeout === undefined ? Number.POSITIVE_INFINITY : checkTimeout(timeout)
    if (reads.holds > 0 && !this.#block.closed) return reads.share()
    if (!this.#try() && !this.#wait(limit)) return false
    reads.holds++
    return true
  }

  /** Takes it if no writer is there at this moment. The same as `acquire(0)`. */
  tryAcquire(): boolean {
    return this.acquire(0)
  }

  #wait(limit: number): boolean {
    this.#block.checkOpen()
    if (this.#mutex.heldHere) return this.#passWriter()
    if (this.#attempt()) return true
    if (limit === 0) return false
    if (this.#mutex.holder !== 'other')
      throw new DeadlockError(`${this.#what} is waited for while another asynchronous flow of this thread writes`)
    const place = this.#asPlace()
    return takeInLine(place, limit, () => this.#attempt(), this.#what)
  }

  /** For who writes. */
  #passWriter(): boolean {
    registers[0] = this.#block.dataAddress
    registers[1] = this.#slot
    native.readTryPastWriter()
    return registers[0] === DONE
  }

  /** One try; first brings a dead writer's lock in order. May throw what the policy for that says. */
  #attempt(): boolean {
    if (this.#try()) return true
    this.#look()
    if (registers[1] === 0) return this.#try()
    // A writer's bits, and nobody has the mutex: it died. Whoever takes the mutex learns of it, and mends.
    if (this.#mutex.locked || !this.#mutex.tryAcquire()) return false
    const passed = this.#passWriter()
    this.#at()
    native.writeLeave()
    this.#mutex.release()
    return passed
  }

  #at(): void {
    registers[0] = this.#block.segment.number
    registers[1] = this.#block.dataOffset
  }

  #asPlace(): WaitPlace {
    return placeIn(this.#block, 0, PARKED)
  }

  /**
   * Gives it back, once for each acquire.
   *
   * @throws ERR_NOT_OWNER if this thread does not read; ERR_CLOSED
   */
  release(): void {
    const reads = this.#reads
    this.#block.checkOpen()
    if (reads.holds === 0) throw new NotOwnerError(`${this.#what} is not held by this thread`)
    reads.holds--
    if (reads.shared > 0) {
      reads.shared--
      return
    }
    registers[0] = this.#block.dataAddress
    registers[1] = this.#slot
    readRelease()
    if (registers[0] === DONE) return
    if (registers[0] !== WAKE_WRITER) throw new NotOwnerError(`${this.#what} is not held by this process`)
    this.#at()
    native.readWake()
    AsyncLine.poke(this.#block.dataAddress + WRITER_KEY)
  }

  /**
   * Takes it without blocking the event loop. Inside a flow that reads already it is taken at once.
   *
   * @returns whether it was taken; false only when time ran out. A pending wait keeps the process alive
   * @throws (rejects with) the signal's reason; ERR_CLOSED, also when the object is closed meanwhile; and what `acquire` throws
   */
  async acquireAsync(options?: AsyncWaitOptions): Promise<boolean> {
    return this.#take(checkWait(options))
  }

  async #take(wait: CheckedWait): Promise<boolean> {
    wait.signal?.throwIfAborted()
    this.#block.checkOpen()
    const reads = this.#reads
    if (reads.byCaller) return reads.share()
    const line = this.#asLine()
    const passes = this.#mutex.heldHere
    let taken = passes ? this.#passWriter() : line.empty && this.#attempt()
    if (!taken && wait.timeout > 0) {
      taken = (await line.until({ owner: this, what: this.#what, attempt: () => this.#attempt() }, wait)) === 'woken'
    }
    if (taken) reads.holds++
    return taken
  }

  #asLine(): TakerLine {
    const place = this.#asPlace()
    const watch = { kind: WaitKind.read, dataOffset: place.key, lockAddress: this.#block.lockAddress }
    this.#line ??= takerLine(this.#block, this, place, watch)
    return this.#line()
  }

  /** @internal */
  timedOut(): TimeoutError {
    return new TimeoutError(`${this.#what} could not be taken in time`)
  }

  /** See {@link Mutex.withLock}. */
  withLock<T>(fn: () => T, options?: WaitOptions): T {
    return callHolding(this, fn, options, LOCK_HINT)
  }

  /** See {@link Mutex.withLockAsync}. */
  async withLockAsync<T>(fn: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T> {
    checkFunction(fn, 'fn')
    if (!(await this.#take(checkWait(options)))) throw this.timedOut()
    const frame = newFrame()
    this.#reads.frames.add(frame)
    const release = () => {
      frame.ended = true
      this.#reads.frames.delete(frame)
      this.release()
    }
    return callHoldingAsync(() => runInside(frame, async () => fn()), { release })
  }

  /** See {@link Mutex.hold}. */
  hold(options?: WaitOptions): Hold {
    return holdUntil(this, options)
  }

  /** Whether anybody reads at this moment. */
  get locked(): boolean {
    return this.readers > 0
  }

  /** How many read at this moment: threads, and flows that took it asynchronously. */
  get readers(): number {
    this.#look()
    return registers[0] as number
  }

  [inspect.custom](): string {
    return this.#block.closed ? 'read (closed)' : `read (${this.readers} reading)`
  }
}

/** The key, in bytes behind the readers', of a writer that waits; native/core/rwlock.h. */
export const WRITER_KEY = 8
