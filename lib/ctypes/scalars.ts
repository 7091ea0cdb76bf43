/** The scalar C types: one table, from which names, typecodes and constants come. Sizes and alignments are koffi's, so this platform's. */
import { wrongRange, wrongType } from '../check.js'
import { type Accessor, type Category, fingerprintOf, register, type ScalarType, type ViewName } from './ctype.js'
import { type Measured, measure } from './koffi.js'

/** Names, the C type koffi knows each by, and Python's typecodes (the array module's, and ctypes' `?`). */
const table = {
  c_bool: ['bool', '?'],
  c_char: ['char', 'c'],
  c_byte: ['int8_t', 'b'],
  c_ubyte: ['uint8_t', 'B'],
  c_short: ['short', 'h'],
  c_ushort: ['unsigned short', 'H'],
  c_int: ['int', 'i'],
  c_uint: ['unsigned int', 'I'],
  c_long: ['long', 'l'],
  c_ulong: ['unsigned long', 'L'],
  c_longlong: ['long long', 'q'],
  c_ulonglong: ['unsigned long long', 'Q'],
  c_int8: ['int8_t', ''],
  c_uint8: ['uint8_t', ''],
  c_int16: ['int16_t', ''],
  c_uint16: ['uint16_t', ''],
  c_int32: ['int32_t', ''],
  c_uint32: ['uint32_t', ''],
  c_int64: ['int64_t', ''],
  c_uint64: ['uint64_t', ''],
  c_size_t: ['size_t', ''],
  c_ssize_t: ['intptr_t', ''], // koffi has no ssize_t; POSIX gives it size_t's width, as intptr_t has on every Linux
  c_float: ['float', 'f'],
  c_double: ['double', 'd'],
} as const

export type ScalarName = keyof typeof table

/** Both supported platforms are little-endian, x64 and arm64. */
const LE = true

function accessor(category: Category, view: ViewName, show: (stored: number | bigint) => unknown): Accessor {
  // biome-ignore format: a table
  const get: Record<ViewName, (view: DataView, at: number) => number | bigint> = {
    Int8Array: (v, at) => v.getInt8(at), Uint8Array: (v, at) => v.getUint8(at),
    Int16Array: (v, at) => v.getInt16(at, LE), Uint16Array: (v, at) => v.getUint16(at, LE),
    Int32Array: (v, at) => v.getInt32(at, LE), Uint32Array: (v, at) => v.getUint32(at, LE),
    Float32Array: (v, at) => v.getFloat32(at, LE), Float64Array: (v, at) => v.getFloat64(at, LE),
    BigInt64Array: (v, at) => v.getBigInt64(at, LE), BigUint64Array: (v, at) => v.getBigUint64(at, LE),
  }
  // biome-ignore format: a table
  const set: Record<ViewName, (view: DataView, at: number, stored: never) => void> = {
    Int8Array: (v, at, x) => v.setInt8(at, x), Uint8Array: (v, at, x) => v.setUint8(at, x),
    Int16Array: (v, at, x) => v.setInt16(at, x, LE), Uint16Array: (v, at, x) => v.setUint16(at, x, LE),
    Int32Array: (v, at, x) => v.setInt32(at, x, LE), Uint32Array: (v, at, x) => v.setUint32(at, x, LE),
    Float32Array: (v, at, x) => v.setFloat32(at, x, LE), Float64Array: (v, at, x) => v.setFloat64(at, x, LE),
    BigInt64Array: (v, at, x) => v.setBigInt64(at, x, LE), BigUint64Array: (v, at, x) => v.setBigUint64(at, x, LE),
  }
  const read = get[view]
  const plain = category === 'number' || category === 'bigint' || category === 'float'
  return {
    get: plain ? read : (v, at) => show(read(v, at)),
    set: set[view] as Accessor['set'],
  }
}

function checkNumber(name: string, min: number, max: number) {
  return (value: unknown, what: string): number => {
    if (typeof value !== 'number') throw wrongType(what, `a number (${name})`, value)
    if (!Number.isInteger(value) || value < min || value > max) throw wrongRange(what, `an integer from ${min} to ${max} (${name})`, value)
    return value
  }
}

function checkBigint(name: string, min: bigint, max: bigint) {
  return (value: unknown, what: string): bigint => {
    if (typeof value !== 'bigint' && typeof value !== 'number') throw wrongType(what, `a bigint or a number (${name})`, value)
    if (typeof value === 'number' && !Number.isInteger(value)) throw wrongRange(what, `an integer from ${min} to ${max} (${name})`, value)
    const integer = BigInt(value)
    if (integer < min || integer > max) throw wrongRange(what, `an integer from ${min} to ${max} (${name})`, value)
    return integer
  }
}

function checkFloat(name: string, single: boolean) {
  return (value: unknown, what: string): number => {
    if (typeof value !== 'number') throw wrongType(what, `a number (${name})`, value)
    if (single && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
      throw wrongRange(what, `a number within ±3.4028234663852886e38 (${name})`, value)
    }
    return value
  }
}

function checkBool(value: unknown, what: string): number {
  if (typeof value !== 'boolean') throw wrongType(what, 'a boolean (c_bool)', value)
  return value ? 1 : 0
}

function checkChar(value: unknown, what: string): number {
  if (typeof value !== 'string') throw wrongType(what, 'a string of one byte (c_char)', value)
  const code = value.charCodeAt(0)
  if (value.length !== 1 || code > 255) throw wrongRange(what, 'a string of one byte, one latin-1 character (c_char)', value)
  return code
}

interface Nature {
  category: Category
  view: ViewName
  min: number | bigint
  max: number | bigint
  check: ScalarType['check']
}

function nature(name: string, primitive: string, size: number): Nature {
  if (name === 'c_bool') return { category: 'bool', view: 'Uint8Array', min: 0, max: 1, check: checkBool }
  if (name === 'c_char') return { category: 'char', view: 'Uint8Array', min: 0, max: 255, check: checkChar }
  const float = { Float32: 'Float32Array', Float64: 'Float64Array' } as const
  if (primitive === 'Float32' || primitive === 'Float64') {
    return { category: 'float', view: float[primitive], min: -Infinity, max: Infinity, check: checkFloat(name, primitive === 'Float32') }
  }
  const signed = primitive.startsWith('Int')
  const bits = BigInt(size * 8)
  const min = signed ? -(1n << (bits - 1n)) : 0n
  const max = (1n << (signed ? bits - 1n : bits)) - 1n
  if (size === 8) {
    return { category: 'bigint', view: signed ? 'BigInt64Array' : 'BigUint64Array', min, max, check: checkBigint(name, min, max) }
  }
  const view = `${signed ? 'Int' : 'Uint'}${size * 8}Array` as ViewName
  return { category: 'number', view, min: Number(min), max: Number(max), check: checkNumber(name, Number(min), Number(max)) }
}

const formatLetter: Record<Category, string> = { bool: 'b', char: 'c', number: 'i', bigint: 'i', float: 'f' }

const measured = measure(Object.values(table).map(([cName]) => cName))

function define(name: ScalarName): ScalarType {
  const { size, alignment, primitive } = measured.get(table[name][0]) as Measured
  const { category, view, min, max, check } = nature(name, primitive, size)
  const integer = category === 'number' || category === 'bigint'
  const format = `${integer && min === (category === 'bigint' ? 0n : 0) ? 'u' : formatLetter[category]}${size}`
  const show =
    category === 'bool'
      ? (x: number | bigint) => x !== 0
      : category === 'char'
        ? (x: number | bigint) => String.fromCharCode(Number(x))
        : (x: number | bigint) => x
  return register<ScalarType>({
    kind: 'scalar',
    name,
    size,
    alignment,
    format,
    fingerprint: fingerprintOf(format),
    category,
    view,
    min,
    max,
    check,
    show,
    accessor: accessor(category, view, show),
    toString: () => name,
  })
}

const names = Object.keys(table) as ScalarName[]

/** Every scalar type by its name. */
export const scalars: Readonly<Record<ScalarName, ScalarType>> = Object.freeze(
  Object.fromEntries(names.map((name) => [name, define(name)])) as Record<ScalarName, ScalarType>,
)

/** Every scalar type that has a typecode, by it. */
export const typecodes: ReadonlyMap<string, ScalarType> = new Map(
  names.filter((name) => table[name][1] !== '').map((name) => [table[name][1], scalars[name]]),
)

/** The scalar type that koffi knows by this name, or failing that with this format: for koffi's own type objects. */
export function scalarFromKoffi(name: string, primitive: string, size: number): ScalarType | undefined {
  if (name === 'char') return scalars.c_char
  const byName = names.find((each) => table[each][0] === name)
  if (byName !== undefined) return scalars[byName]
  return names
    .map((each) => scalars[each])
    .find((type) => type.size === size && measured.get(table[type.name as ScalarName][0])?.primitive === primitive)
}
