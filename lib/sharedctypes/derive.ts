/** copy and synchronized: new objects from existing ones. */
import { shown, wrongType } from '../check.js'
import { invalidType } from '../errors.js'
import { createObject } from '../memory/create.js'
import { isShared, type SharedObject } from '../memory/shared-object.js'
import { RLock } from '../sync/lock.js'
import { buildArray } from './arrays.js'
import { BLOCK, type Internals, IS_ARRAY, LOCK, type LockLike, lockOf, TYPE } from './internals.js'
import { checkLock } from './lock-option.js'
import type { Value } from './types.js'
import { buildValue } from './values.js'

function internalsOf(object: unknown, what: string): Internals {
  if (isShared(object) && BLOCK in object) return object as unknown as Internals
  throw invalidType(`Expected \`${what}\` to be a Value or Array, got ${shown(object)}`)
}

const build = (internals: Internals) => (internals[IS_ARRAY] ? buildArray : buildValue)

/**
 * A new raw object with the same type and content in memory of its own. An object with a lock is copied under it.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_CLOSED; ENOMEM
 */
export function copy<O extends SharedObject>(object: O): O extends { getObj(): infer R } ? R : O {
  const internals = internalsOf(object, 'obj')
  const { [BLOCK]: block, [TYPE]: type } = internals
  block.checkOpen()
  const lock = lockOf(internals)
  lock?.acquire()
  try {
    const made = createObject(
      { kind: internals[IS_ARRAY] ? 'Array' : 'Value', lock: 'none', type, length: block.bytes / type.size },
      undefined,
      (target) => new Uint8Array(target.buffer).set(new Uint8Array(block.buffer)),
    )
    return build(internals)(made, type, { kind: 'none' }) as never
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
  const internals = internalsOf(rawObject, 'rawObj')
  internals[BLOCK].checkOpen()
  if (internals[LOCK].kind !== 'none') throw invalidType('Expected `rawObj` to be a RawValue or RawArray, got one that has a lock already')
  const state = checkLock(lock === undefined ? RLock() : lock)
  if (state.kind !== 'given') throw wrongType('lock', 'an object with acquire and release', lock)
  return build(internals)(internals[BLOCK], internals[TYPE], state) as never
}
