/**
 * The class behind Lock and RLock: a robust, process-shared pthread mutex. POSIX gives the meaning of dying owners
 * (pthread_mutexattr_setrobust), Python's multiprocessing the names.
 */
import { inspect } from 'node:util'
import { checkFunction, checkTimeout, isThenable } from '../check.js'
import { ClosedError, DeadlockError, invalidType, NotOwnerError, outOfRange, SharedCTypesError, TimeoutError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { type Handle, makeHandle } from '../memory/handle.js'
import { SHARED, type SharedObject, unlinkBlock } from '../memory/shared-object.js'
import { native, regs } from '../native.js'
import { type Frame, newFrame, runInside } from './flow.js'
import { type FlowHold, FlowQueue, type Outcome, type QueuedLock } from './flow-queue.js'
import { callHolding, callHoldingAsync, type Hold, holdUntil, LOCK_HINT } from './holding.js'
import { ASIDE, BROKEN, BUSY, CLOSED, DIRTY, DONE, MINE, MINE_FLOW, NOT_OWNER, SLICE, TOO_MANY } from './native-lock.js'
import { type AsyncWaitOptions, type CheckedWait, checkWait, type WaitOptions } from './options.js'
import { applyPolicy, type OnOwnerDied } from './owner-died.js'
import { waitInLine } from './wait-in-line.js'

/** Who holds a lock. */
export interface Owner {
  readonly pid: number
  readonly tid: number
}

// Constants of this module, which the compiler knows by address; an imported binding is looked up at each use.
const { lockTry, lockRelease } = native
const registers = regs

/** Leaving a lock's line never finds that the lock was got: that ends the wait at once. */
function outOf(leave: () => void): () => undefined {
  return () => {
    leave()
    return undefined
  }
}

/** A hold that was given up for a while, whatever its depth. */
export interface Suspended {
  readonly levels: number
  readonly hold: FlowHold | undefined
}

/** What Lock and RLock have in common; they differ in what a second acquire by the holder means. */
export class Mutex implements SharedObject {
  readonly #block: Block
  readonly #recursive: boolean
  readonly #policy: OnOwnerDied<Mutex>
  #queued: QueuedLock | undefined

  /** @internal */
  constructor(block: Block, recursive: boolean, policy: OnOwnerDied<Mutex>) {
    this.#block = block
    this.#recursive = recursive
    this.#policy = policy
  }

  get [SHARED](): true {
    return true
  }

  /** @internal */
  get closed(): boolean {
    return this.#block.closed
  }

  get #what(): string {
    return this.#block.what
  }

  /** See {@link SharedObject.name}. */
  get name(): string | undefined {
    return this.#block.name
  }

  /**
   * Takes the lock, blocking the thread until it is free.
   *
   * @param timeout - ms to wait at most; absent: for ever; 0: try once
   * @returns whether the lock was taken; false only when time ran out
   * @throws ERR_DEADLOCK if it could never return: a Lock that this thread holds, or a lock that another asynchronous flow of this thread
   * holds. ERR_OWNER_DIED by policy. ERR_OUT_OF_RANGE if the thread holds 2,000 locks already: the kernel hands on no more when it dies.
   * ERR_CLOSED.
   */
  acquire(timeout?: number): boolean {
    if (timeout === undefined) {
      registers[0] = this.#block.lockAddress
      lockTry()
      return registers[0] === DONE || this.#contended(Number.POSITIVE_INFINITY)
    }
    const limit = checkTimeout(timeout)
    registers[0] = this.#block.lockAddress
    lockTry()
    return registers[0] === DONE || this.#contended(limit)
  }

  /** Takes the lock if it is free at this moment. The same as `acquire(0)`. */
  tryAcquire(): boolean {
    return this.acquire(0)
  }

  /** The rest of acquire after a try whose answer is in regs. */
  #contended(limit: number): boolean {
    let answer = registers[0] as number
    const deadline = answer === BUSY && limit !== Number.POSITIVE_INFINITY ? performance.now() + limit : limit
    while (answer === BUSY) {
      if (limit === 0) return false
      const left = deadline === Number.POSITIVE_INFINITY ? SLICE : deadline - performance.now()
      if (left <= 0) return false
      registers[0] = this.#block.lockAddress
      registers[1] = Math.min(left, SLICE)
      native.lockWait()
      answer = registers[0] as number
    }
    if (answer === DONE) return true
    if (answer === DIRTY) {
      this.#settle(registers[1] as number)
      return true
    }
    if (answer === MINE && this.#recursive) {
      registers[0] = this.#block.lockAddress
      native.lockDeepen()
      return true
    }
    const queue = answer === MINE_FLOW ? FlowQueue.find(this.#block.lockAddress) : undefined
    if (queue?.heldByCaller && this.#recursive) {
      queue.deepen()
      return true
    }
    if (limit === 0 && (answer === MINE || answer === MINE_FLOW)) return false
    throw this.#refusal(queue?.heldByCaller ? MINE : answer)
  }

  #refusal(answer: number): Error {
    switch (answer) {
      case CLOSED:
        return new ClosedError(this.#what)
      case MINE:
        return new DeadlockError(`The caller holds ${this.#what} already, and it is no RLock: acquire would wait for itself for ever`)
      case MINE_FLOW:
        return new DeadlockError(
          `Another asynchronous flow of this thread holds ${this.#what}: a blocking acquire would stop it for ever. Use acquireAsync or withLockAsync`,
        )
      case NOT_OWNER:
        return new NotOwnerError(`${this.#what} is not held by this thread${this.#heldBy()}`)
      case TOO_MANY:
        return outOfRange(
          `Expected a thread to hold fewer than 2000 locks at once, got ${this.#what} on top of them: the kernel hands on no more when a thread dies`,
        )
      case BROKEN:
        return new SharedCTypesError(
          'ERR_OWNER_DIED',
          `${this.#what} can't be used any more (errno ${registers[1]}): something other than this library unlocked it without mending it after a death`,
        )
      default:
        return new Error(`unexpected answer ${answer} from the addon`)
    }
  }

  #heldBy(): string {
    const { owner } = this
    return owner === null ? ' nor by anyone' : `, but by thread ${owner.tid} of process ${owner.pid}`
  }

  /** The lock was just taken and is dirty: applies the policy. */
  #settle(deadPid: number): void {
    try {
      const what = this.#what
      applyPolicy(this.#policy, () => this, deadPid, what, `died holding ${what}; mend what it guards and call recover()`)
    } catch (error) {
      if (this.#isMine) this.#unlock(deadPid)
      throw error
    }
    if (!this.#isMine) throw this.#refusal(NOT_OWNER)
  }

  /** Unlocks a lock that is dirty or held by a flow. `dead`: the pid to leave in it, still unmended; -1: mended. True if others wait for it. */
  #unlock(dead: number): boolean {
    registers[0] = this.#block.lockAddress
    registers[1] = dead
    native.lockReleaseAs()
    if (registers[0] !== DONE) throw this.#refusal(registers[0] as number)
    return registers[2] === 1
  }

  /**
   * Releases the lock, one level of an RLock.
   *
   * @throws ERR_NOT_OWNER if this thread, or this asynchronous flow, does not hold it. ERR_CLOSED.
   */
  release(): void {
    registers[0] = this.#block.lockAddress
    lockRelease()
    if (registers[0] === DONE) return
    if (registers[0] !== ASIDE) throw this.#refusal(registers[0] as number)
    const queue = FlowQueue.find(this.#block.lockAddress)
    if (queue === undefined || !this.#heldByFlow) {
      this.#unlock(-1)
      return
    }
    if (!queue.releasableByCaller) throw new NotOwnerError(`${this.#what} is held by another asynchronous flow of this thread`)
    this.#releaseFlow(queue)
  }

  get #heldByFlow(): boolean {
    this.#look()
    return registers[5] === 1
  }

  #releaseFlow(queue: FlowQueue): void {
    if (queue.rise()) queue.released(this.#unlock(-1))
  }

  /**
   * Calls `fn` under the lock and releases it however `fn` ends.
   *
   * @returns what `fn` returns
   * @throws what `fn` throws; ERR_TIMEOUT if time ran out; ERR_INVALID_ARG_TYPE if `fn` returns a promise, after releasing; and what `acquire` throws
   */
  withLock<T>(fn: () => T, options?: WaitOptions): T {
    return callHolding(this, fn, options, LOCK_HINT)
  }

  /** @internal */
  timedOut(): TimeoutError {
    return new TimeoutError(`${this.#what} could not be taken in time${this.#heldBy()}`)
  }

  /**
   * Takes the lock without blocking the event loop. Flows of one thread are served in order of arrival. An RLock is re-entered where the
   * call is made inside the `withLockAsync` callback that holds it; two bare calls are two flows.
   *
   * @returns whether the lock was taken; false only when time ran out. A pending wait keeps the process alive
   * @throws (rejects with) the signal's reason; ERR_DEADLOCK for a Lock that the calling flow holds; ERR_OWNER_DIED by policy; ERR_CLOSED, also
   * when the lock is closed meanwhile
   */
  async acquireAsync(options?: AsyncWaitOptions): Promise<boolean> {
    return (await this.#take(checkWait(options), undefined)) !== undefined
  }

  async #take({ timeout, signal }: CheckedWait, frame: Frame | undefined): Promise<FlowHold | undefined> {
    signal?.throwIfAborted()
    this.#block.checkOpen()
    const queue = FlowQueue.of(this.#block.lockAddress)
    if (queue.heldByCaller) {
      if (this.#recursive) return queue.deepen()
      if (timeout !== 0) throw this.#refusal(MINE)
      return undefined
    }
    const hold = queue.tryTake(this.#asQueued(), frame)
    if (hold !== undefined || timeout === 0) return hold
    const join = (finish: (result: Outcome) => void) => outOf(queue.wait(this.#asQueued(), frame, finish))
    return waitInLine<FlowHold | undefined>(join, timeout, signal, () => undefined)
  }

  /** This object as its queue sees it: made on first use, and told to the block, so that closing ends the waits. */
  #asQueued(): QueuedLock {
    if (this.#queued !== undefined) return this.#queued
    const block = this.#block
    const queued: QueuedLock = {
      address: block.lockAddress,
      what: block.what,
      settle: (deadPid) => this.#settle(deadPid),
      refusal: (answer) => this.#refusal(answer),
    }
    block.onClose(() => FlowQueue.find(queued.address)?.closed(queued))
    this.#queued = queued
    return queued
  }

  /**
   * Waits for the lock without blocking the event loop, calls `fn`, awaits what it returns, and releases the lock however that ends.
   *
   * @throws (rejects with) what `fn` throws; ERR_TIMEOUT if time ran out; and what `acquireAsync` rejects with
   */
  async withLockAsync<T>(fn: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T> {
    checkFunction(fn, 'fn')
    const frame = newFrame()
    const hold = await this.#take(checkWait(options), frame)
    if (hold === undefined) throw this.timedOut()
    const release = () => {
      frame.ended = true
      this.#endHold(hold)
    }
    return callHoldingAsync(() => runInside(frame, async () => fn()), { release })
  }

  /** Not simply release(): `fn` may have released the lock itself, and another flow may hold it by now, whose hold is not ours to end. */
  #endHold(hold: FlowHold): void {
    const queue = FlowQueue.find(this.#block.lockAddress)
    if (!queue?.isHeldBy(hold)) throw this.#refusal(NOT_OWNER)
    this.#releaseFlow(queue)
  }

  /**
   * Takes the lock until the end of the block: `using _ = lock.hold()`.
   *
   * @throws ERR_TIMEOUT if time ran out; and what `acquire` throws
   */
  hold(options?: WaitOptions): Hold {
    return holdUntil(this, options)
  }

  /**
   * Who holds the lock, seen from the calling code: `caller`: this thread, or the asynchronous flow that the code runs in; `flow`: another flow of
   * this thread; `other`: another thread, or nobody.
   *
   * @internal
   */
  get holder(): 'caller' | 'flow' | 'other' {
    this.#look()
    if (registers[4] !== 1) return 'other'
    if (registers[5] !== 1) return 'caller'
    return FlowQueue.find(this.#block.lockAddress)?.releasableByCaller === false ? 'flow' : 'caller'
  }

  /**
   * Whether the calling code surely is the holder's: this thread took the lock blocking, or the code runs inside the `withLockAsync` callback that
   * holds it. A bare `acquireAsync` does not say whose code holds.
   *
   * @internal
   */
  get heldHere(): boolean {
    this.#look()
    return registers[4] === 1 && (registers[5] !== 1 || this.heldInFrame)
  }

  /**
   * Whether the calling code runs inside the `withLockAsync` callback that holds the lock.
   *
   * @internal
   */
  get heldInFrame(): boolean {
    return FlowQueue.find(this.#block.lockAddress)?.heldByCaller === true
  }

  /**
   * Gives the lock up for a while, all levels of it.
   *
   * @internal
   * @throws ERR_NOT_OWNER if the caller does not hold it
   */
  suspend(): Suspended {
    if (this.holder !== 'caller') throw this.#refusal(NOT_OWNER)
    const levels = registers[6] as number
    const queue = registers[5] === 1 ? FlowQueue.find(this.#block.lockAddress) : undefined
    const hold = queue?.suspend()
    const contended = this.#unlock(-1)
    queue?.released(contended)
    return { levels, hold }
  }

  /**
   * Releases what a flow of this thread holds, whichever calls.
   *
   * @internal
   */
  abandon(): void {
    FlowQueue.find(this.#block.lockAddress)?.released(this.#unlock(-1))
  }

  /**
   * Takes the lock again, as it was held before, blocking the thread.
   *
   * @internal
   */
  resume({ levels, hold }: Suspended): void {
    for (let level = 0; level < levels; level++) this.acquire()
    if (hold === undefined) return
    registers[0] = this.#block.lockAddress
    native.lockToFlow()
    FlowQueue.of(this.#block.lockAddress).resume(hold)
  }

  /**
   * The same without blocking the thread: what was held by the thread is then held by a flow of it.
   *
   * @internal
   */
  async resumeAsync({ levels, hold }: Suspended): Promise<void> {
    const former = hold ?? { frame: undefined, depth: levels }
    this.#block.checkOpen()
    const queue = FlowQueue.of(this.#block.lockAddress)
    if (queue.tryTake(this.#asQueued(), former.frame, former) !== undefined) return
    const join = (finish: (result: Outcome) => void) => outOf(queue.wait(this.#asQueued(), former.frame, finish, former))
    await waitInLine<FlowHold | undefined>(join, Number.POSITIVE_INFINITY, undefined, () => undefined)
  }

  #look(): void {
    registers[0] = this.#block.lockAddress
    native.lockLook()
    if (registers[0] === CLOSED) throw new ClosedError(this.#what)
  }

  /** Whether anybody holds the lock at this moment. */
  get locked(): boolean {
    this.#look()
    return registers[1] !== 0
  }

  /** Who holds the lock at this moment, or null. `pid` is 0 in the instant between taking the lock and signing it. */
  get owner(): Owner | null {
    this.#look()
    const tid = registers[1] as number
    return tid === 0 ? null : { pid: registers[2] as number, tid }
  }

  /** True while this thread holds the lock and an owner before it was killed; false again after release. */
  get ownerDied(): boolean {
    this.#look()
    return registers[3] === 1 && registers[4] === 1
  }

  /**
   * Says that what the lock guards is sound again after an owner's death, so that takers get the lock once more. With `mend`, runs it under
   * the lock first; if it throws, nothing changes. Takes the lock for it, unless this thread holds it already.
   */
  recover(mend?: () => unknown): void {
    if (mend !== undefined) checkFunction(mend, 'mend')
    const holding = this.#isMine
    let dead = -1
    const note = (_lock: Mutex, { pid }: { pid: number }) => {
      dead = pid
    }
    if (!holding) new Mutex(this.#block, this.#recursive, note).acquire()
    try {
      if (isThenable(mend?.()))
        throw invalidType('Expected `mend` to mend the data before it returns, got a function that returns a promise')
    } catch (error) {
      if (!holding) this.#unlock(dead)
      throw error
    }
    if (!holding) this.#unlock(-1)
  }

  get #isMine(): boolean {
    this.#look()
    return registers[4] === 1
  }

  toJSON(): Handle {
    const kind = this.#recursive ? 'RLock' : 'Lock'
    return makeHandle(this.#block, { kind, lock: kind, length: 0, ...(this.#policy === 'throw' ? { onOwnerDied: 'throw' as const } : {}) })
  }

  /** @throws ERR_DEADLOCK while this thread holds the lock. Pending waits reject with ERR_CLOSED. */
  close(): void {
    this.#block.close()
  }

  unlink(): void {
    unlinkBlock(this.#block)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [inspect.custom](): string {
    const kind = this.#recursive ? 'RLock' : 'Lock'
    const name = this.name === undefined ? '' : ` '${this.name}'`
    if (this.#block.lockAddress === 0) return `${kind}${name} (closed)`
    const { owner } = this
    return `${kind}${name} (${owner === null ? 'free' : `held by process ${owner.pid}, thread ${owner.tid}`})`
  }
}
