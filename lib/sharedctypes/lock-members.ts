/** The lock's methods on Values and Arrays that have one. */
import { checkFunction, isThenable } from '../check.js'
import { invalidType } from '../errors.js'
import type { Hold } from '../sync/holding.js'
import { Mutex } from '../sync/mutex.js'
import type { AsyncWaitOptions, WaitOptions } from '../sync/options.js'
import { BLOCK, type Constructor, type Internals, LOCK, type LockLike, lockOf } from './internals.js'

/** The lock's methods, on the object that the lock guards. See {@link Mutex} for each. */
export interface Synchronized<L = Mutex> {
  /** The lock: an RLock, or the object given as `lock`. */
  getLock(): L
  acquire(timeout?: number): boolean
  tryAcquire(): boolean
  acquireAsync(options?: AsyncWaitOptions): Promise<boolean>
  release(): void
  withLock<T>(fn: () => T, options?: WaitOptions): T
  withLockAsync<T>(fn: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T>
  hold(options?: WaitOptions): Hold
}

/** Locks that are not ours need only acquire and release. */
function withForeign<T>(lock: LockLike, fn: () => T): T {
  lock.acquire()
  let result: T
  try {
    result = fn()
  } finally {
    lock.release()
  }
  if (isThenable(result))
    throw invalidType('Expected `fn` to return no promise, because the lock is released when it returns. Use withLockAsync')
  return result
}

async function withForeignAsync<T>(lock: LockLike, fn: () => T | PromiseLike<T>): Promise<T> {
  await lock.acquire()
  try {
    return await fn()
  } finally {
    await lock.release()
  }
}

/** A given lock as one of ours, for methods that others may lack. */
function ours(lock: LockLike, method: string): Mutex {
  if (method in lock) return lock as Mutex
  throw invalidType(`Expected the lock of this object to have a method ${method}, got one with acquire and release only`)
}

export function lockMembers<B extends Constructor<Internals>>(Base: B): B & Constructor<Synchronized> {
  return class extends Base implements Synchronized {
    /** The lock, made on first use. */
    get #lock(): Mutex {
      const state = this[LOCK]
      if (state.kind === 'own' && state.lock !== undefined) return state.lock
      this[BLOCK].checkOpen()
      return lockOf(this) as Mutex
    }

    getLock(): Mutex {
      return this.#lock
    }

    acquire(timeout?: number): boolean {
      return this.#lock.acquire(timeout)
    }

    tryAcquire(): boolean {
      return ours(this.#lock, 'tryAcquire').tryAcquire()
    }

    acquireAsync(options?: AsyncWaitOptions): Promise<boolean> {
      return ours(this.#lock, 'acquireAsync').acquireAsync(options)
    }

    release(): void {
      this.#lock.release()
    }

    withLock<T>(fn: () => T, options?: WaitOptions): T {
      const lock = this.#lock
      if (lock instanceof Mutex) return lock.withLock(fn, options)
      checkFunction(fn, 'fn')
      return withForeign(lock, fn)
    }

    async withLockAsync<T>(fn: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T> {
      const lock = this.#lock
      if (lock instanceof Mutex) return lock.withLockAsync(fn, options)
      checkFunction(fn, 'fn')
      return withForeignAsync(lock, fn)
    }

    hold(options?: WaitOptions): Hold {
      return ours(this.#lock, 'hold').hold(options)
    }
  }
}
