/**
 * Condition: waiting under a lock for others to change what it guards. Python's multiprocessing.Condition gives names and meaning, without the
 * hand-shake between notifier and waiter that a death could interrupt.
 */
import { checkFunction, checkTimeout, isThenable, wrongRange, wrongType } from '../check.js'
import { invalidType, NotOwnerError } from '../errors.js'
import { attach, registerKind } from '../memory/attach.js'
import { type Block, bodySpec } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import type { Handle } from '../memory/handle.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import { AsyncLine, GrantLine, WaitKind } from './async-line.js'
import type { Hold } from './holding.js'
import { Mutex, type Owner } from './mutex.js'
import { type AsyncWaitOptions, checkWait, type WaitOptions } from './options.js'
import { park, sleepInLine, unpark, type WaitPlace } from './parking.js'
import { placeIn, SyncObject } from './sync-object.js'

/** Where the body counts its waiters, in bytes; native/core/layout.h: EventBody. */
const PARKED = 4

export class SharedCondition extends SyncObject {
  readonly #lock: Mutex
  /** Whether the lock lies in this object's own block. */
  readonly #own: boolean
  #place: WaitPlace | undefined

  /** @internal */
  constructor(block: Block, lock: Mutex | undefined) {
    super(block)
    this.#own = lock === undefined
    this.#lock = lock ?? new Mutex(block, true, 'recover')
  }

  #asPlace(): WaitPlace {
    if (this.#place !== undefined) {
      this.block.checkOpen()
      return this.#place
    }
    const place = placeIn(this.block, 0, PARKED)
    this.block.onClose(() => AsyncLine.close(place, this))
    this.#place = place
    return place
  }

  #line(place: WaitPlace): GrantLine {
    return AsyncLine.of(place, () => new GrantLine(place, { kind: WaitKind.grant, dataOffset: place.key, lockAddress: 0 }))
  }

  #checkHeld(): void {
    this.block.checkOpen()
    if (this.#lock.holder !== 'caller') {
      throw new NotOwnerError(`The lock of ${this.block.what} must be held to wait or to notify: call it inside withLock, or after acquire`)
    }
  }

  /** The lock: the one given, or an RLock of the condition's own. */
  getLock(): Mutex {
    return this.#lock
  }

  /** See {@link Mutex.acquire}. */
  acquire(timeout?: number): boolean {
    return this.#lock.acquire(timeout)
  }

  /** See {@link Mutex.tryAcquire}. */
  tryAcquire(): boolean {
    return this.#lock.tryAcquire()
  }

  /** See {@link Mutex.acquireAsync}. */
  acquireAsync(options?: AsyncWaitOptions): Promise<boolean> {
    return this.#lock.acquireAsync(options)
  }

  /** See {@link Mutex.release}. */
  release(): void {
    this.#lock.release()
  }

  /** See {@link Mutex.withLock}. */
  withLock<T>(fn: () => T, options?: WaitOptions): T {
    return this.#lock.withLock(fn, options)
  }

  /** See {@link Mutex.withLockAsync}. */
  withLockAsync<T>(fn: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T> {
    return this.#lock.withLockAsync(fn, options)
  }

  /** See {@link Mutex.hold}. */
  hold(options?: WaitOptions): Hold {
    return this.#lock.hold(options)
  }

  /** See {@link Mutex.recover}. */
  recover(mend?: () => unknown): void {
    this.#lock.recover(mend)
  }

  /** See {@link Mutex.locked}. */
  get locked(): boolean {
    return this.#lock.locked
  }

  /** See {@link Mutex.owner}. */
  get owner(): Owner | null {
    return this.#lock.owner
  }

  /** See {@link Mutex.ownerDied}. */
  get ownerDied(): boolean {
    return this.#lock.ownerDied
  }

  /**
   * Lets go of the lock, however often it was taken, waits to be notified, blocking the thread, and takes the lock again as it was.
   *
   * @param timeout - ms to wait for the notification at most; absent: for ever. To get the lock back may take longer
   * @returns whether it was notified; false when time ran out
   * @throws ERR_NOT_OWNER if the caller does not hold the lock; ERR_OWNER_DIED by the lock's policy, and then the lock is not held;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_CLOSED; ENOSPC if too many threads wait
   */
  wait(timeout?: number): boolean {
    const limit = checkTimeout(timeout)
    this.#checkHeld()
    const place = this.#asPlace()
    const record = park(place, undefined, -1, this.block.what) // before the lock is free: no notification can be missed
    const held = this.#lock.suspend()
    try {
      return sleepInLine(place, record, limit)
    } finally {
      this.#lock.resume(held)
    }
  }

  /**
   * Waits until `predicate` gives something true. It is called under the lock.
   *
   * @param timeout - ms for all waits together
   * @returns what the predicate gave last
   * @throws what the predicate throws; and what `wait` throws
   */
  waitFor<T>(predicate: () => T, timeout?: number): T {
    checkFunction(predicate, 'predicate')
    const limit = checkTimeout(timeout)
    this.#checkHeld()
    const start = performance.now()
    for (;;) {
      const result = predicate()
      if (isThenable(result))
        throw invalidType(
          'Expected `predicate` to give its answer when it returns, got a function that returns a promise. Use waitForAsync',
        )
      const left = limit - (performance.now() - start)
      if (result || left <= 0) return result
      this.wait(left)
    }
  }

  /**
   * The same as {@link wait}, without blocking the event loop. What the thread held is then held by the calling flow.
   *
   * @throws (rejects with) the signal's reason, holding the lock again; ERR_CLOSED, also when the object is closed meanwhile; and what `wait` throws
   */
  async waitAsync(options?: AsyncWaitOptions): Promise<boolean> {
    const wait = checkWait(options)
    wait.signal?.throwIfAborted()
    this.#checkHeld()
    const waiting = this.#line(this.#asPlace()).until({ owner: this, what: this.block.what }, wait)
    const held = this.#lock.suspend()
    try {
      return (await waiting) === 'woken'
    } finally {
      await this.#lock.resumeAsync(held)
    }
  }

  /** The same as {@link waitFor}, without blocking the event loop. The predicate may give a promise, which is awaited under the lock. */
  async waitForAsync<T>(predicate: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T> {
    checkFunction(predicate, 'predicate')
    const { timeout, signal } = checkWait(options)
    signal?.throwIfAborted()
    this.#checkHeld()
    const start = performance.now()
    for (;;) {
      const result = await predicate()
      const left = timeout - (performance.now() - start)
      if (result || left <= 0) return result
      await this.waitAsync({ timeout: left, signal })
    }
  }

  /**
   * Wakes waits, oldest first. They go on when the lock is free.
   *
   * @param n - how many at most
   * @returns how many: min(n, living waiters). Who was killed while waiting is not counted
   * @throws ERR_NOT_OWNER if the caller does not hold the lock; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_CLOSED
   */
  notify(n = 1): number {
    if (typeof n !== 'number') throw wrongType('n', 'a number of waits', n)
    if (!(n >= 0) || (!Number.isInteger(n) && n !== Number.POSITIVE_INFINITY)) throw wrongRange('n', 'an integer >= 0, or Infinity', n)
    this.#checkHeld()
    return n === 0 ? 0 : unpark(this.#asPlace(), n)
  }

  /** Wakes all waits. The same as `notify(Infinity)`. */
  notifyAll(): number {
    return this.notify(Number.POSITIVE_INFINITY)
  }

  override toJSON(): Handle {
    const handle = super.toJSON()
    return this.#own ? handle : { ...handle, lock: this.#lock.toJSON() }
  }

  protected summary(): string {
    const { owner } = this.#lock
    return owner === null ? 'free' : `held by process ${owner.pid}, thread ${owner.tid}`
  }
}

/** A condition, with the methods of its lock. */
export type Condition = SharedCondition

/**
 * A condition between processes, worker threads and asynchronous flows.
 *
 * Wake-ups go to living waiters, and exactly as many as asked for. A waiter or notifier that is killed makes nobody else hang.
 *
 * @param lock - a Lock or RLock; absent: an RLock of its own, under the same name if there is one
 * @param named - name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EEXIST, ENOENT, EACCES, ENOSPC; ERR_TYPE_MISMATCH if the name leads to something else
 * @example condition.withLock(() => condition.waitFor(() => queue.length > 0))
 */
export function Condition(lock?: Mutex, named?: NamedOptions): Condition {
  if (lock !== undefined && !(lock instanceof Mutex))
    throw wrongType('lock', 'a Lock or an RLock (options come second: Condition(undefined, { name }))', lock)
  const spec = bodySpec('Condition', lock === undefined ? 'RLock' : 'none')
  return new SharedCondition(
    createObject(spec, checkNaming(named), () => {}),
    lock,
  )
}

registerKind('Condition', (block, _spec, handle) => {
  return new SharedCondition(block, typeof handle.lock === 'object' ? attach<Mutex>(handle.lock) : undefined)
})
