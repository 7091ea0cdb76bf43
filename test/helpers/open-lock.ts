/** Locks from handles: a lock's own, or that of the Value or Array it guards. */
import { attach, type Handle, type Lock } from '../../lib/index.js'

export interface Opened {
  readonly lock: Lock
  close(): void
}

export function openLock(handle: Handle): Opened {
  const object = attach<Lock | { getLock(): Lock; close(): void }>(handle)
  return { lock: 'getLock' in object ? object.getLock() : object, close: () => object.close() }
}
