/** What a C type is to this library. */

/** How values of a scalar type appear in JavaScript, and so how they are read and checked. */
export type Category = 'bool' | 'char' | 'number' | 'bigint' | 'float'

/** The typed arrays whose elements have the size and format of a C type. */
export interface TypedArrays {
  Int8Array: Int8Array<ArrayBuffer>
  Uint8Array: Uint8Array<ArrayBuffer>
  Int16Array: Int16Array<ArrayBuffer>
  Uint16Array: Uint16Array<ArrayBuffer>
  Int32Array: Int32Array<ArrayBuffer>
  Uint32Array: Uint32Array<ArrayBuffer>
  Float32Array: Float32Array<ArrayBuffer>
  Float64Array: Float64Array<ArrayBuffer>
  BigInt64Array: BigInt64Array<ArrayBuffer>
  BigUint64Array: BigUint64Array<ArrayBuffer>
}
export type ViewName = keyof TypedArrays
export type TypedArray = TypedArrays[ViewName]

/** Reads and writes one place in memory. `at` is in bytes. */
export interface Accessor {
  get(view: DataView, at: number): unknown
  /** Writes what `check` let through. */
  set(view: DataView, at: number, stored: unknown): void
}

interface Common {
  /** As users write it: `c_int`, or the struct's name. */
  readonly name: string
  /** In bytes, from koffi. */
  readonly size: number
  /** In bytes, from koffi. */
  readonly alignment: number
  /** Format in canonical form: equal for types with the same bytes (`c_int` and `c_int32`). */
  readonly format: string
  /** 32-bit hash of `format`, kept beside shared data to tell when two processes mean different types. */
  readonly fingerprint: number
}

declare const READ: unique symbol
declare const WRITE: unique symbol
declare const ARRAY: unique symbol

/**
 * A C type: one of the exported constants, or what {@link struct} gives.
 *
 * @typeParam R - what reading gives
 * @typeParam W - what may be written
 * @typeParam A - the key of the typed array that an Array of this type is, or `never`
 */
export interface CType<R = unknown, W = unknown, A = unknown> extends Common {
  readonly kind: 'scalar' | 'struct'
  /** For the compiler only. */
  readonly [READ]?: R
  readonly [WRITE]?: W
  readonly [ARRAY]?: A
  toString(): string
}

export interface ScalarType<R = unknown, W = unknown, A = unknown> extends CType<R, W, A> {
  readonly kind: 'scalar'
  readonly category: Category
  readonly view: ViewName
  /** Inclusive limits of an integer type. */
  readonly min: number | bigint
  readonly max: number | bigint
  readonly accessor: Accessor
  /** Turns a value into what is stored (a number or bigint) or throws; `what` names the argument. */
  check(value: unknown, what: string): number | bigint
  /** The stored form as the value users see. */
  show(stored: number | bigint): unknown
}

export interface FieldType {
  readonly type: ScalarType | StructType
  /** Elements of a fixed array; undefined for a single field. */
  readonly length: number | undefined
  /** In bytes from the start of the struct, from koffi. */
  readonly offset: number
}

export interface StructType<R = unknown, W = unknown> extends CType<R, W, never> {
  readonly kind: 'struct'
  readonly fields: ReadonlyMap<string, FieldType>
}

export type AnyType = ScalarType | StructType

const types = new WeakSet<object>()

/** Makes a type known as one: only what this library built is one, whatever else looks alike. */
export function register<T extends AnyType>(type: T): T {
  types.add(type)
  return Object.freeze(type)
}

export function isType(value: object): value is AnyType {
  return types.has(value)
}

/** FNV-1a, 32 bits. */
export function fingerprintOf(format: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(format)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
