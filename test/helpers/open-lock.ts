/** Whatever excludes others, from its handle: a lock, that of the Value or Array it guards, an RWLock's write half, a semaphore's permits. */
import {
  type AsyncWaitOptions,
  attach,
  type Handle,
  type Hold,
  type Lock,
  type RWLock,
  type Semaphore,
  type WaitOptions,
} from '../../lib/index.js'

/** What everything lock-like can do. A semaphore's permit is a lock that nobody owns. */
export interface LockLike {
  acquire(timeout?: number): boolean
  tryAcquire(): boolean
  acquireAsync(options?: AsyncWaitOptions): Promise<boolean>
  release(): void
  withLock<T>(fn: () => T, options?: WaitOptions): T
  withLockAsync<T>(fn: () => T | PromiseLike<T>, options?: AsyncWaitOptions): Promise<T>
  hold(options?: WaitOptions): Hold
  readonly locked: boolean
}

export interface Opened {
  readonly lock: LockLike
  close(): void
}

/** A semaphore as a lock: it is locked while no permit is left. */
export function asLock(semaphore: Semaphore): LockLike {
  return {
    acquire: (timeout) => semaphore.acquire(timeout),
    tryAcquire: () => semaphore.tryAcquire(),
    acquireAsync: (options) => semaphore.acquireAsync(options),
    release: () => semaphore.release(),
    withLock: (fn, options) => semaphore.withPermit(fn, options),
    withLockAsync: (fn, options) => semaphore.withPermitAsync(fn, options),
    hold: (options) => semaphore.hold(options),
    get locked() {
      return semaphore.value === 0
    },
  }
}

type Openable = (Lock | RWLock | Semaphore | { getLock(): Lock }) & { close(): void }

function lockOf(object: Openable): LockLike {
  if ('withPermit' in object) return asLock(object)
  if ('write' in object) return object.write
  return 'getLock' in object ? object.getLock() : object
}

export function openLock(handle: Handle): Opened {
  const object = attach<Openable>(handle)
  return { lock: lockOf(object), close: () => object.close() }
}
