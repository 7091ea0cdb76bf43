/** copy and synchronized: new objects from existing ones. */
import { shown } from '../check.js'
import { invalidType } from '../errors.js'
import { createObject } from '../memory/create.js'
import { isShared, type SharedObject } from '../memory/shared-object.js'
import { RLock } from '../sync/lock.js'
import { buildArray } from './arrays.js'
import { BLOCK, type Internals, LOCK, type LockLike, lockOf, TYPE } from './internals.js'
import { checkLock } from './lock-option.js'
import type { Value } from './types.js'
import { buildValue } from './values.js'

/** The internals of a Value or Array, and whether it is an array. */
function internalsOf(object: unknown, what: string): { internals: Internals; isArray: boolean } {
  if (!isShared(object) || !(BLOCK in object)) throw invalidType(`Expected \`${what}\` to be a Value or Array, got ${shown(object)}`)
  return { internals: object as unknown as Internals, isArray: object.toJSON().kind === 'Array' }
}

const build = (isArray: boolean) => (isArray ? buildArray : buildValue)

/**
 * A new raw object with the same type and content in memory of its own. An object with a lock is copied under it.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_CLOSED; ENOMEM
 */
export function copy<O extends SharedObject>(object: O): O extends { getObj(): infer R } ? R : O {
  const { internals, isArray } = internalsOf(object, 'obj')
  const { [BLOCK]: block, [TYPE]: type } = internals
  const lock = lockOf(internals)
  lock?.acquire()
  try {
    const made = createObject(
      { kind: isArray ? 'Array' : 'Value', lock: 'none', type, length: block.bytes / type.size },
      undefined,
      (target) => new Uint8Array(target.buffer).set(new Uint8Array(block.buffer)),
    )
    return build(isArray)(made, type, { kind: 'none' }) as never
  } finally {
    lock?.release()
  }
}

/**
 * The same object, not a copy, with a lock: a new RLock, or the one given.
 *
 * @throws ERR_INVALID_ARG_TYPE if it has a lock already, or if `lock` has no acquire and release; ERR_CLOSED
 */
export function synchronized<O extends SharedObject, L extends LockLike = RLock>(
  rawObject: O,
  lock?: L,
): O & { getLock(): L; getObj(): O } & Pick<
    Value<never, L>,
    'acquire' | 'release' | 'withLock' | 'withLockAsync' | 'tryAcquire' | 'acquireAsync' | 'hold'
  > {
  const { internals, isArray } = internalsOf(rawObject, 'rawObj')
  if (internals[LOCK].kind !== 'none') throw invalidType('Expected `rawObj` to be a RawValue or RawArray, got one that has a lock already')
  const state = checkLock(lock ?? RLock())
  return build(isArray)(internals[BLOCK], internals[TYPE], state) as never
}
