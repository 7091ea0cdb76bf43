/** The inside of every Value and Array: symbols, not private fields, because mixins and the classes they are mixed into share them. */
import type { AnyType } from '../ctypes/ctype.js'
import type { Block } from '../memory/block.js'
import type { SharedObject } from '../memory/shared-object.js'
import { Mutex } from '../sync/mutex.js'

export const BLOCK: unique symbol = Symbol('block')
export const TYPE: unique symbol = Symbol('type')
export const LOCK: unique symbol = Symbol('lock')
/** Whether it is an Array. */
export const IS_ARRAY: unique symbol = Symbol('isArray')
/** What an inspection shows as the content. */
export const CONTENT: unique symbol = Symbol('content')

/** Any object that can serve as a Value's lock. */
export interface LockLike {
  acquire(...args: never[]): unknown
  release(): unknown
}

/** `own`: in the object's own block; its JavaScript object is made on first use. `given`: somebody else's. */
export type LockState = { kind: 'none' } | { kind: 'own'; lock: Mutex | undefined } | { kind: 'given'; lock: LockLike }

export interface Internals extends SharedObject {
  [BLOCK]: Block
  [TYPE]: AnyType
  [LOCK]: LockState
  readonly [IS_ARRAY]: boolean
  [CONTENT](): unknown
}

/** A Value or Array with the lock it was made with; undefined without one. */
export function lockOf(object: Internals): LockLike | undefined {
  const state = object[LOCK]
  if (state.kind === 'none') return undefined
  if (state.kind === 'own') state.lock ??= new Mutex(object[BLOCK], true, 'recover')
  return state.lock
}

export const NO_LOCK: LockState = { kind: 'none' }

/** Fills in the internals of a freshly constructed object. */
export function furnish<T extends Internals>(object: T, block: Block, type: AnyType, lock: LockState): T {
  object[BLOCK] = block
  object[TYPE] = type
  object[LOCK] = lock
  return object
}

// biome-ignore lint/suspicious/noExplicitAny: TypeScript demands any[] of a mixin's base
export type Constructor<T = object> = new (...args: any[]) => T
