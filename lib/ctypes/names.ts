/** The constants users import, and what each type name means to the compiler. */
import type { CType, ScalarType, ViewName } from './ctype.js'
import { type ScalarName, scalars } from './scalars.js'

type Int<A extends ViewName> = ScalarType<number, number, A>
type Big<A extends ViewName> = ScalarType<bigint, bigint | number, A>

/** Type names and the types they stand for. C's long is 8 bytes on every platform that this package supports. */
export interface TypeByName {
  c_bool: ScalarType<boolean, boolean, 'bool'>
  c_char: ScalarType<string, string, 'char'>
  c_byte: Int<'Int8Array'>
  c_ubyte: Int<'Uint8Array'>
  c_short: Int<'Int16Array'>
  c_ushort: Int<'Uint16Array'>
  c_int: Int<'Int32Array'>
  c_uint: Int<'Uint32Array'>
  c_long: Big<'BigInt64Array'>
  c_ulong: Big<'BigUint64Array'>
  c_longlong: Big<'BigInt64Array'>
  c_ulonglong: Big<'BigUint64Array'>
  c_int8: Int<'Int8Array'>
  c_uint8: Int<'Uint8Array'>
  c_int16: Int<'Int16Array'>
  c_uint16: Int<'Uint16Array'>
  c_int32: Int<'Int32Array'>
  c_uint32: Int<'Uint32Array'>
  c_int64: Big<'BigInt64Array'>
  c_uint64: Big<'BigUint64Array'>
  c_size_t: Big<'BigUint64Array'>
  c_ssize_t: Big<'BigInt64Array'>
  c_float: Int<'Float32Array'>
  c_double: Int<'Float64Array'>
}

/** Python's one-letter typecodes. */
export interface NameByCode {
  '?': 'c_bool'
  c: 'c_char'
  b: 'c_byte'
  B: 'c_ubyte'
  h: 'c_short'
  H: 'c_ushort'
  i: 'c_int'
  I: 'c_uint'
  l: 'c_long'
  L: 'c_ulong'
  q: 'c_longlong'
  Q: 'c_ulonglong'
  f: 'c_float'
  d: 'c_double'
}

/** A name, typecode or type, resolved to its type. */
export type Resolve<T> = T extends keyof TypeByName
  ? TypeByName[T]
  : T extends keyof NameByCode
    ? TypeByName[NameByCode[T]]
    : T extends CType<infer R, infer W, infer A>
      ? CType<R, W, A>
      : CType
/** What reading a value of this type gives. */
export type ReadOf<T> = Resolve<T> extends CType<infer R, unknown, unknown> ? R : unknown
/** What may be written to it. */
export type WriteOf<T> = Resolve<T> extends CType<unknown, infer W, unknown> ? W : unknown
/** The key of the array class of this type: a typed array's name, `bool`, `char`, or `never` for structs. */
export type ArrayKeyOf<T> = Resolve<T> extends CType<unknown, unknown, infer A> ? A : unknown

const all = scalars as unknown as { readonly [N in ScalarName]: TypeByName[N] }

export const { c_bool, c_char, c_byte, c_ubyte, c_short, c_ushort, c_int, c_uint, c_long, c_ulong, c_longlong, c_ulonglong } = all
export const { c_int8, c_uint8, c_int16, c_uint16, c_int32, c_uint32, c_int64, c_uint64, c_size_t, c_ssize_t, c_float, c_double } = all
