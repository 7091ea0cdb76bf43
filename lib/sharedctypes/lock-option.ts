/** The `lock` option of Value and Array. */
import { wrongType } from '../check.js'
import { attach } from '../memory/attach.js'
import type { Handle } from '../memory/handle.js'
import { type LockLike, type LockState, NO_LOCK } from './internals.js'

export function checkLock(lock: unknown): LockState {
  if (lock === undefined || lock === true) return { kind: 'own', lock: undefined }
  if (lock === false) return NO_LOCK
  const like = lock as Partial<LockLike> | null
  if (typeof like !== 'object' || like === null || typeof like.acquire !== 'function' || typeof like.release !== 'function') {
    throw wrongType('lock', 'a boolean or an object with acquire and release', lock)
  }
  return { kind: 'given', lock: like as LockLike }
}

/** The lock that a handle speaks of. */
export function lockFromHandle(handle: Handle): LockState {
  if (handle.lock === 'none') return NO_LOCK
  if (typeof handle.lock === 'object') return { kind: 'given', lock: attach<LockLike & object>(handle.lock) }
  return { kind: 'own', lock: undefined }
}
