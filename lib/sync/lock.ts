/** Lock and RLock, as users make them. */
import { registerKind } from '../memory/attach.js'
import { createObject } from '../memory/create.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import { Mutex } from './mutex.js'
import { checkPolicy, type OnOwnerDied } from './owner-died.js'

export interface LockOptions extends NamedOptions {
  /** What the next taker of the lock meets when its owner was killed. Default `'recover'`. */
  onOwnerDied?: OnOwnerDied<Lock> | undefined
}

/** A lock that its holder can't take a second time. */
export type Lock = Mutex
/** A lock that its holder can take again; it is free after as many releases. */
export type RLock = Mutex

function make(kind: 'Lock' | 'RLock', options: LockOptions | undefined): Mutex {
  const policy = checkPolicy<Lock>(options?.onOwnerDied)
  const naming = checkNaming(options)
  const block = createObject({ kind, lock: kind, type: undefined, length: 0 }, naming, () => {})
  return new Mutex(block, kind === 'RLock', policy)
}

/**
 * A mutual-exclusion lock between processes, worker threads and asynchronous flows: a robust, process-shared pthread mutex.
 *
 * Its owner is a thread. A second `acquire` by it throws ERR_DEADLOCK. When the owner is killed the next taker gets the lock at once.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE for bad options; EEXIST, ENOENT, EACCES, ENOSPC; ERR_TYPE_MISMATCH if the name leads to something else
 * @example using _ = lock.hold()
 */
export function Lock(options?: LockOptions): Lock {
  return make('Lock', options)
}

/** The same as {@link Lock}, but its owner can take it again; others get it after as many releases. */
export function RLock(options?: LockOptions): RLock {
  return make('RLock', options)
}

for (const kind of ['Lock', 'RLock'] as const) {
  registerKind(kind, (block, _spec, handle) => new Mutex(block, kind === 'RLock', checkPolicy<Lock>(handle.onOwnerDied)))
}
