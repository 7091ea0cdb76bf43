/** Holding something for the length of a function or a block. */
import { checkFunction, isThenable } from '../check.js'
import { invalidType, type TimeoutError } from '../errors.js'
import { checkWait, type WaitOptions } from './options.js'

/** What holds a lock or a permit until disposed: `using _ = lock.hold()`. */
export interface Hold {
  /** Releases it, once. */
  release(): void
  [Symbol.dispose](): void
}

/** What can be held. */
interface Holdable {
  acquire(timeout?: number): boolean
  release(): void
  timedOut(): TimeoutError
}

/** Why no promise may come back from under a lock. */
export const LOCK_HINT = 'the lock is released when it returns. Use withLockAsync'

export function holdUntil(lock: Holdable, options: WaitOptions | undefined): Hold {
  if (!lock.acquire(checkWait(options).timeout)) throw lock.timedOut()
  let held = true
  const release = () => {
    if (!held) return
    held = false
    lock.release()
  }
  return { release, [Symbol.dispose]: release }
}

/**
 * Calls `fn` while holding, and releases however it ends.
 *
 * @param because - why no promise may come back, in words
 */
export function callHolding<T>(lock: Holdable, fn: () => T, options: WaitOptions | undefined, because: string): T {
  checkFunction(fn, 'fn')
  if (options === undefined) lock.acquire()
  else if (!lock.acquire(checkWait(options).timeout)) throw lock.timedOut()
  let result: T
  try {
    result = fn()
  } catch (error) {
    releaseQuietly(lock)
    throw error
  }
  if (!isThenable(result)) {
    lock.release()
    return result
  }
  // It may have let go of the lock to wait (Condition.waitAsync), and will have it again when it is over.
  const over = () => releaseQuietly(lock)
  if (!releaseQuietly(lock)) result.then(over, over)
  throw invalidType(`Expected \`fn\` to return no promise, because ${because}`)
}

/** Calls `fn`, awaits what it gives, and releases however that ends. */
export async function callHoldingAsync<T>(fn: () => T | PromiseLike<T>, lock: { release(): void }): Promise<T> {
  let result: T
  try {
    result = await fn()
  } catch (error) {
    releaseQuietly(lock)
    throw error
  }
  lock.release()
  return result
}

/** Releases where another error is on its way already, which says more: `fn` may have ended without the lock (ERR_OWNER_DIED in Condition.wait). */
function releaseQuietly(lock: { release(): void }): boolean {
  try {
    lock.release()
    return true
  } catch {
    return false
  }
}
