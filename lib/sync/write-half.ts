/** The writing half of an RWLock: a mutex among writers, and then a wait for the readers to leave. */
import { inspect } from 'node:util'
import { checkFunction, checkTimeout, isThenable } from '../check.js'
import { DeadlockError, TimeoutError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { native, regs } from '../native.js'
import { AsyncLine, type TakerLine, takerLine, WaitKind } from './async-line.js'
import { callHolding, type Hold, holdUntil, LOCK_HINT } from './holding.js'
import type { Mutex, Owner } from './mutex.js'
import { type AsyncWaitOptions, checkWait, type WaitOptions } from './options.js'
import { applyPolicy, type OnOwnerDied } from './owner-died.js'
import { takeInLine, type WaitPlace } from './parking.js'
import { WRITER_KEY } from './read-half.js'
import type { Reads } from './reads.js'
import { placeIn } from './sync-object.js'

/** Where the body counts waiting writers, in bytes; native/core/layout.h: Ledger. */
const PARKED = 36

/** What rwLook says of the writer. */
const INSIDE = 2

/** The policy of an RWLock as one for its mutex: a writer that died while it still waited for readers has changed nothing. */
export function policyOf(block: Block, policy: OnOwnerDied<WriteHalf>, half: () => WriteHalf): OnOwnerDied<Mutex> {
  return (_mutex, { pid }) => {
    regs[0] = block.segment.number
    regs[1] = block.dataOffset
    native.rwLook()
    if (regs[1] !== INSIDE) return
    applyPolicy(policy, half, pid, block.what, `died writing under ${block.what}; mend what it guards and call write.recover()`)
  }
}

/** One may hold it, while nobody reads. */
export class WriteHalf {
  readonly #block: Block
  readonly #mutex: Mutex
  readonly #reads: Reads
  #line: (() => TakerLine) | undefined
  /** A flow has the mutex, and waits for readers to leave. */
  #entering = false

  /** @internal */
  constructor(block: Block, mutex: Mutex, reads: Reads) {
    this.#block = block
    this.#mutex = mutex
    this.#reads = reads
  }

  get #what(): string {
    return `the writing half of ${this.#block.what}`
  }

  #at(): void {
    regs[0] = this.#block.segment.number
    regs[1] = this.#block.dataOffset
  }

  #enter(waits: boolean): boolean {
    this.#at()
    regs[2] = waits ? 1 : 0
    native.writeEnter()
    return regs[0] === 1
  }

  /**
   * Ends the reads of the dead, too.
   *
   * @param waits - if it is not let in; new readers are kept out then. A mere try leaves them alone
   */
  #enterNow(waits: boolean): boolean {
    if (this.#enter(waits)) return true
    this.#at()
    native.rwLook()
    return this.#enter(waits)
  }

  #leave(): void {
    this.#at()
    native.writeLeave()
    AsyncLine.poke(this.#block.dataAddress)
  }

  #asPlace(): WaitPlace {
    return placeIn(this.#block, WRITER_KEY, PARKED)
  }

  #upgrade(): DeadlockError {
    return new DeadlockError(
      `${this.#what} can't be taken by one who reads: a reader can't become a writer, release the reading half first`,
    )
  }

  /**
   * Takes it, blocking the thread until the writer before and all readers have left. From then on no new reader comes in, so writers don't starve.
   *
   * @param timeout - ms to wait at most; absent: for ever; 0: try once
   * @returns whether it was taken; false only when time ran out
   * @throws ERR_DEADLOCK if this thread reads, or has it already; ERR_OWNER_DIED by policy; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_CLOSED; ENOSPC if
   * too many threads wait
   */
  acquire(timeout?: number): boolean {
    const limit = checkTimeout(timeout)
    this.#block.checkOpen()
    if (this.#reads.holds > 0 && limit > 0 && this.#mutex.holder !== 'caller') throw this.#upgrade()
    const start = performance.now()
    if (!this.#mutex.acquire(timeout)) return false
    if (this.#enterNow(limit > 0)) return true
    let entered = false
    try {
      entered = this.#wait(limit - (performance.now() - start))
    } finally {
      if (!entered) this.release()
    }
    return entered
  }

  /**
   * Takes it if nobody reads or writes at this moment. The same as `acquire(0)`. As C++'s `try_lock`, it may also fail beside another's try that fails
   * itself: that one is among the writers for a moment.
   */
  tryAcquire(): boolean {
    return this.acquire(0)
  }

  #wait(limit: number): boolean {
    if (limit <= 0) return false
    const place = this.#asPlace()
    return takeInLine(place, limit, () => this.#enterNow(true), this.#what)
  }

  /**
   * Gives it back, and lets readers in.
   *
   * @throws ERR_NOT_OWNER if this thread, or this asynchronous flow, does not hold it. ERR_CLOSED
   */
  release(): void {
    this.#block.checkOpen()
    if (this.#mutex.holder === 'caller') this.#leave()
    this.#mutex.release()
  }

  /**
   * Takes it without blocking the event loop. Flows of one thread are served in order of arrival.
   *
   * @returns whether it was taken; false only when time ran out. A pending wait keeps the process alive
   * @throws (rejects with) the signal's reason; ERR_DEADLOCK if the calling flow reads, or has it already; ERR_OWNER_DIED by policy; ERR_CLOSED, also when
   * the object is closed meanwhile; ENOSPC if too many threads wait
   */
  async acquireAsync(options?: AsyncWaitOptions): Promise<boolean> {
    const { timeout, signal } = checkWait(options)
    if (this.#reads.byCaller && timeout > 0) throw this.#upgrade()
    const start = performance.now()
    if (!(await this.#mutex.acquireAsync(options))) return false
    let entered = false
    try {
      entered = await this.#enterAsync(timeout - (performance.now() - start), signal)
    } finally {
      if (!entered) this.release()
    }
    return entered
  }

  /**
   * The object is being closed: a flow that has the mutex and still waits for readers is not in, so it can be told to go.
   *
   * @internal
   */
  closing(): void {
    if (!this.#entering) return
    AsyncLine.close(this.#asPlace(), this)
    this.#leave()
    this.#mutex.abandon()
  }

  async #enterAsync(timeout: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#enterNow(timeout > 0)) return true
    if (timeout <= 0) return false
    this.#entering = true
    try {
      const who = { owner: this, what: this.#what, attempt: () => this.#enterNow(true) }
      return (await this.#asLine().until(who, { timeout, signal })) === 'woken'
    } finally {
      this.#entering = false
    }
  }

  #asLine(): TakerLine {
    const watch = { kind: WaitKind.write, dataOffset: this.#block.dataOffset, lockAddress: 0 }
    this.#line ??= takerLine(this.#block, this, this.#asPlace(), watch)
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
    const { timeout, signal } = checkWait(options)
    if (this.#reads.byCaller) throw this.#upgrade()
    const start = performance.now()
    return this.#mutex.withLockAsync(async () => {
      try {
        if (!(await this.#enterAsync(timeout - (performance.now() - start), signal))) throw this.timedOut()
        return await fn()
      } finally {
        // Only its own hold: `fn` may have released it, and another may be inside by now.
        if (!this.#block.closed && this.#mutex.heldInFrame) this.#leave()
      }
    }, options)
  }

  /** See {@link Mutex.hold}. */
  hold(options?: WaitOptions): Hold {
    return holdUntil(this, options)
  }

  /** Whether anybody writes, or waits for readers to leave, at this moment. */
  get locked(): boolean {
    return this.#mutex.locked
  }

  /** See {@link Mutex.owner}. */
  get owner(): Owner | null {
    return this.#mutex.owner
  }

  /** See {@link Mutex.ownerDied}. */
  get ownerDied(): boolean {
    return this.#mutex.ownerDied
  }

  /** See {@link Mutex.recover}. */
  recover(mending?: () => unknown): void {
    if (mending !== undefined) checkFunction(mending, 'mend')
    if (this.#mutex.holder === 'caller') {
      this.#mutex.recover(mending)
      return
    }
    if (this.#reads.holds > 0) throw this.#upgrade()
    this.#mutex.recover(() => this.#mendAlone(mending))
  }

  /** Under the mutex: mends while nobody reads. */
  #mendAlone(mending: (() => unknown) | undefined): unknown {
    this.#at()
    native.rwLook()
    // The dead writer keeps readers out, and goes on doing so if this fails.
    const kept = regs[1] === INSIDE
    if (!kept && !this.#enterNow(true)) this.#wait(Number.POSITIVE_INFINITY)
    let mended = false
    try {
      const result = mending?.()
      mended = !isThenable(result)
      return result
    } finally {
      if (mended || !kept) this.#leave()
    }
  }

  [inspect.custom](): string {
    if (this.#block.closed) return 'write (closed)'
    const { owner } = this
    return owner === null ? 'write (free)' : `write (held by process ${owner.pid}, thread ${owner.tid})`
  }
}
