/** RawValue and Value. */
import type { AnyType, CType } from '../ctypes/ctype.js'
import type { WriteOf } from '../ctypes/names.js'
import { encode, type Write } from '../ctypes/record.js'
import { resolveType, type TypeLike } from '../ctypes/resolve.js'
import { registerKind } from '../memory/attach.js'
import type { Block } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import type { RLock } from '../sync/lock.js'
import type { LockLike, LockState } from './internals.js'
import { checkLock, lockFromHandle } from './lock-option.js'
import type { Locked, LockedBy, RawValue as RawValueOf, Unlocked, Value as ValueOf } from './types.js'
import { buildValue } from './values.js'

/** A value without a lock, as {@link RawValue} makes it. `T` is a type, by name or otherwise: `RawValue<'c_int'>`. */
export type RawValue<T = CType> = RawValueOf<T>
/** A value with a lock, as {@link Value} makes it: `Value<'c_int'>`. */
export type Value<T = CType, L = RLock> = ValueOf<T, L>

/** Writes the first value. The block is zero, so zero needs no writing. */
function writeInitial(block: Block, type: AnyType, write: Write | undefined, stored: number | bigint | undefined): void {
  if (type.kind === 'scalar') {
    block.showAs(type.view, type.size)
    if (stored !== undefined) (block.view as unknown as Record<number, number | bigint>)[block.index] = stored
  } else write?.(block.dataView(), 0)
}

function make(type: TypeLike, initial: unknown, lock: LockState, named: NamedOptions | undefined): unknown {
  const resolved = resolveType(type)
  const stored = resolved.kind === 'scalar' && initial !== undefined ? resolved.check(initial, 'initial') : undefined
  const write = resolved.kind === 'struct' && initial !== undefined ? encode(resolved, initial, 'initial') : undefined
  const spec = { kind: 'Value', lock: lock.kind === 'own' ? 'RLock' : 'none', type: resolved, length: 1 } as const
  const block = createObject(spec, checkNaming(named), (made) => writeInitial(made, resolved, write, stored))
  return buildValue(block, resolved, lock)
}

/**
 * A value in shared memory without a lock.
 *
 * @param type - a C type: name, typecode, constant, `struct(...)` or koffi type
 * @param initial - its first value; zero if absent. Ignored where `named` leads to a value that exists
 * @param named - name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOMEM, ENOSPC; with a name also EEXIST, ENOENT, EACCES, ERR_TYPE_MISMATCH
 */
export function RawValue<const T extends TypeLike>(type: T, initial?: WriteOf<T>, named?: NamedOptions): RawValueOf<T> {
  return make(type, initial, { kind: 'none' }, named) as RawValueOf<T>
}

/**
 * A value in shared memory with a lock: `Value('c_int', 0)`.
 *
 * Reads and writes of `value` are single accesses and do not take the lock; hold it, or use the atomic operations, for anything that reads
 * and then writes.
 *
 * @param type - a C type: name, typecode, constant, `struct(...)` or koffi type
 * @param initial - its first value; zero if absent. Ignored where `name` leads to a value that exists
 * @param options - `lock` (default true: an RLock of its own), name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOMEM, ENOSPC; with a name also EEXIST, ENOENT, EACCES, ERR_TYPE_MISMATCH
 * @example v.withLock(() => { v.value += 1 })
 */
export function Value<const T extends TypeLike>(
  type: T,
  initial: WriteOf<T> | undefined,
  options: Unlocked & { lock: false },
): RawValueOf<T>
export function Value<const T extends TypeLike, L extends LockLike>(
  type: T,
  initial: WriteOf<T> | undefined,
  options: LockedBy<L>,
): ValueOf<T, L>
export function Value<const T extends TypeLike>(type: T, initial?: WriteOf<T>, options?: Locked): ValueOf<T>
export function Value(type: TypeLike, initial?: unknown, options?: Locked | Unlocked | LockedBy<LockLike>): unknown {
  return make(type, initial, checkLock(options?.lock), options)
}

registerKind('Value', (block, spec, handle) => buildValue(block, spec.type as AnyType, lockFromHandle(handle)))
