/** What the public functions of this layer promise to the compiler. */
import type { AnyType, CType, TypedArrays } from '../ctypes/ctype.js'
import type { ArrayKeyOf, ReadOf, WriteOf } from '../ctypes/names.js'
import type { SequenceOf } from '../ctypes/struct.js'
import type { NamedOptions } from '../memory/naming.js'
import type { SharedObject } from '../memory/shared-object.js'
import type { RLock } from '../sync/lock.js'
import type { LockLike } from './internals.js'
import type { Synchronized } from './lock-members.js'
import type { ArrayWaits, ValueWaits } from './wait-members.js'

export interface ValueMembers<R, W> extends SharedObject {
  /** The value. One access, never torn; not locked: `v.value += 1` is two. */
  get value(): R
  set value(value: W)
  readonly type: CType<R, W>
}

/** Atomic across processes, sequentially consistent, with the meaning of JavaScript's Atomics: all but load and store give the old value, and sums wrap. */
export interface IntegerOperations<R, W> {
  load(): R
  store(value: W): R
  add(operand: W): R
  sub(operand: W): R
  and(operand: W): R
  or(operand: W): R
  xor(operand: W): R
  exchange(value: W): R
  compareExchange(expected: W, replacement: W): R
}

/** Atomic across processes. compareExchange compares bits. */
export interface FloatOperations {
  load(): number
  store(value: number): number
  add(operand: number): number
  exchange(value: number): number
  compareExchange(expected: number, replacement: number): number
}

type FloatView = 'Float32Array' | 'Float64Array'
type IntegerView = Exclude<keyof TypedArrays, FloatView>

/** Integers of 32 bits. */
type Waitable = 'Int32Array' | 'Uint32Array'

type Waits<T, W> = [ArrayKeyOf<T>] extends [never] ? unknown : ArrayKeyOf<T> extends Waitable ? W : unknown

type Operations<T> = [ArrayKeyOf<T>] extends [never]
  ? unknown
  : ArrayKeyOf<T> extends FloatView
    ? FloatOperations
    : ArrayKeyOf<T> extends IntegerView
      ? IntegerOperations<ReadOf<T>, WriteOf<T>>
      : unknown

/** A value without a lock. */
export type RawValue<T = CType> = ValueMembers<ReadOf<T>, WriteOf<T>> & Operations<T> & Waits<T, ValueWaits>
/** A value with a lock. */
export type Value<T = CType, L = RLock> = RawValue<T> & Synchronized<L> & { /** The same value without its lock. */ getObj(): RawValue<T> }

export interface ArrayMembers extends SharedObject {
  readonly type: AnyType
}

/** An array without a lock: a typed array over the shared bytes for numbers, else a checked sequence. */
export type RawArray<T = CType> = SequenceOf<T> & ArrayMembers & Waits<T, ArrayWaits>
/** An array with a lock. */
export type SharedArray<T = CType, L = RLock> = RawArray<T> &
  Synchronized<L> & { /** The same array without its lock. */ getObj(): RawArray<T> }

/** A length, the elements, or for c_char a text. */
export type ArrayInitial<T> = number | Iterable<WriteOf<T>> | (ArrayKeyOf<T> extends 'char' ? string : never)

export interface LockOption<L> extends NamedOptions {
  /** true: a new RLock beside the data. false: none. Else any object with acquire and release, which `getLock()` gives back. */
  lock?: L | undefined
}
export type Unlocked = LockOption<false>
export type Locked = LockOption<true>
export type LockedBy<L extends LockLike> = NamedOptions & { lock: L }
