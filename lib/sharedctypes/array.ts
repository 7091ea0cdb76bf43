/** RawArray and Array. */
import { wrongRange, wrongType } from '../check.js'
import type { AnyType, CType, ScalarType } from '../ctypes/ctype.js'
import { encode } from '../ctypes/record.js'
import { resolveType, type TypeLike } from '../ctypes/resolve.js'
import { registerKind } from '../memory/attach.js'
import type { Block } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import type { RLock } from '../sync/lock.js'
import { buildArray } from './arrays.js'
import type { LockLike, LockState } from './internals.js'
import { checkLock, lockFromHandle } from './lock-option.js'
import type { ArrayInitial, Locked, LockedBy, RawArray as RawArrayOf, SharedArray as SharedArrayOf, Unlocked } from './types.js'

/** An array without a lock, as {@link RawArray} makes it: `RawArray<'c_double'>`. */
export type RawArray<T = CType> = RawArrayOf<T>
/** An array with a lock, as `Array` makes it: `Array<'c_double'>`. */
export type SharedArray<T = CType, L = RLock> = SharedArrayOf<T, L>

interface Content {
  readonly length: number
  write(block: Block): void
}

function numbersContent(type: ScalarType, list: readonly unknown[]): Content {
  const stored = list.map((each, i) => type.check(each, `initial[${i}]`))
  return {
    length: list.length,
    write: (block) => {
      const View = globalThis[type.view] as unknown as new (buffer: ArrayBuffer) => { set(from: ArrayLike<number | bigint>): void }
      new View(block.buffer).set(stored)
    },
  }
}

/** What the second argument asks for, checked whole. */
function contentOf(type: AnyType, initial: unknown): Content {
  if (typeof initial === 'number') {
    if (!Number.isSafeInteger(initial) || initial < 0) throw wrongRange('length', 'an integer >= 0', initial)
    return { length: initial, write: () => {} }
  }
  if (typeof initial === 'string') {
    if (type.format !== 'c1') throw wrongType('initial', `a length or an iterable (${type.name}; only c_char takes a string)`, initial)
    const bytes = Buffer.from(initial)
    return { length: bytes.length, write: (block) => new Uint8Array(block.buffer).set(bytes) }
  }
  if (typeof initial !== 'object' || initial === null || !(Symbol.iterator in initial))
    throw wrongType('initial', 'a length, an iterable of elements, or for c_char a string', initial)
  const list = [...(initial as Iterable<unknown>)]
  if (type.kind === 'scalar') return numbersContent(type, list)
  const writes = list.map((each, i) => encode(type, each, `initial[${i}]`))
  return {
    length: list.length,
    write: (block) => {
      for (const [i, write] of writes.entries()) write(block.dataView(), i * type.size)
    },
  }
}

function make(type: TypeLike, initial: unknown, lock: LockState, named: NamedOptions | undefined): unknown {
  const resolved = resolveType(type)
  const naming = checkNaming(named)
  const { length, write } = contentOf(resolved, initial)
  const block = createObject({ kind: 'Array', lock: lock.kind === 'own' ? 'RLock' : 'none', type: resolved, length }, naming, write)
  return buildArray(block, resolved, lock)
}

/**
 * An array in shared memory without a lock.
 *
 * @param type - a C type: name, typecode, constant, `struct(...)` or koffi type
 * @param initial - its length in elements (all zero), or the elements, or for c_char a text (UTF-8)
 * @param named - name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOMEM, ENOSPC; with a name also EEXIST, ENOENT, EACCES, ERR_TYPE_MISMATCH
 */
export function RawArray<const T extends TypeLike>(type: T, initial: ArrayInitial<T>, named?: NamedOptions): RawArrayOf<T> {
  return make(type, initial, { kind: 'none' }, named) as RawArrayOf<T>
}

/**
 * An array in shared memory with a lock.
 *
 * Of a numeric type it is a typed array over the shared bytes, with a typed array's methods, speed and rules: an index outside is ignored and a
 * number that is too large wraps. After `close()` its length is 0. `c_bool`, `c_char` and struct arrays check index and value.
 *
 * @param type - a C type: name, typecode, constant, `struct(...)` or koffi type
 * @param initial - its length in elements (all zero), or the elements, or for c_char a text (UTF-8)
 * @param options - `lock` (default true: an RLock of its own), name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOMEM, ENOSPC; with a name also EEXIST, ENOENT, EACCES, ERR_TYPE_MISMATCH
 */
export function SharedArray<const T extends TypeLike>(type: T, initial: ArrayInitial<T>, options: Unlocked & { lock: false }): RawArrayOf<T>
export function SharedArray<const T extends TypeLike, L extends LockLike>(
  type: T,
  initial: ArrayInitial<T>,
  options: LockedBy<L>,
): SharedArrayOf<T, L>
export function SharedArray<const T extends TypeLike>(type: T, initial: ArrayInitial<T>, options?: Locked): SharedArrayOf<T>
export function SharedArray(type: TypeLike, initial: unknown, options?: Locked | Unlocked | LockedBy<LockLike>): unknown {
  return make(type, initial, checkLock(options?.lock), options)
}

registerKind('Array', (block, spec, handle) => buildArray(block, spec.type as AnyType, lockFromHandle(handle)))
