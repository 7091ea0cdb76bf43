/** Structs: C's layout, from koffi. */
import type { TypeObject } from 'koffi'
import { shown, wrongRange, wrongType } from '../check.js'
import { invalidType } from '../errors.js'
import { type AnyType, type FieldType, fingerprintOf, register, type StructType, type TypedArrays } from './ctype.js'
import type { CharElements, Elements } from './elements.js'
import { koffi } from './koffi.js'
import type { ArrayKeyOf, ReadOf, WriteOf } from './names.js'
import { resolveType, type TypeLike } from './resolve.js'
import { scalarFromKoffi } from './scalars.js'

/** A field: a type, or a fixed array `[type, length]`. */
export type FieldSpec = TypeLike | readonly [TypeLike, number]

/** Several elements of a type: a typed array for numbers, else a checked sequence. */
export type SequenceOf<T> = [ArrayKeyOf<T>] extends [never]
  ? Elements<ReadOf<T>, WriteOf<T>>
  : ArrayKeyOf<T> extends keyof TypedArrays
    ? TypedArrays[ArrayKeyOf<T>]
    : ArrayKeyOf<T> extends 'char'
      ? CharElements
      : Elements<ReadOf<T>, WriteOf<T>>
type ReadField<F> = F extends readonly [infer T, number] ? SequenceOf<T> : ReadOf<F>
type WriteField<F> = F extends readonly [infer T, number]
  ? Iterable<WriteOf<T>> | (ArrayKeyOf<T> extends 'char' ? string : never)
  : WriteOf<F>
/** A live record as the compiler sees it. */
export type RecordOf<S> = { -readonly [K in keyof S]: ReadField<S[K]> } & {
  /** The fields in plain values. Optional only for the compiler, so that a plain object may be assigned where a record is read. */
  toJSON?(): { [K in keyof S]: unknown }
}
/** A plain object that assigns all fields. */
export type FieldsOf<S> = { readonly [K in keyof S]: WriteField<S[K]> }

/** The koffi type of each of our types, to build structs from. */
const koffiTypes = new WeakMap<AnyType, TypeObject>()
/** Formats in koffi's words, for scalars. */
const scalarSpec: Record<string, string> = {
  b1: 'bool',
  c1: 'char',
  i1: 'int8_t',
  u1: 'uint8_t',
  i2: 'int16_t',
  u2: 'uint16_t',
  i4: 'int32_t',
  u4: 'uint32_t',
  i8: 'int64_t',
  u8: 'uint64_t',
  f4: 'float',
  f8: 'double',
}

function koffiOf(type: AnyType): TypeObject {
  const known = koffiTypes.get(type)
  if (known !== undefined) return known
  if (type.kind === 'scalar') return koffi().type(scalarSpec[type.format] as string)
  throw invalidType(`Expected a struct made in this process to nest in another, got ${type.name} from a handle`)
}

/** koffi's limit for an array in a struct. */
const LONGEST_FIELD = 2 ** 24

/** Names that a record needs for itself, that would not be plain properties, or that koffi takes for padding. */
const reserved = new Set(['constructor', 'toJSON', '__proto__', '_'])

function checkFieldName(struct: string, field: string): void {
  if (!/^[A-Za-z_]\w*$/.test(field) || reserved.has(field)) {
    throw invalidType(
      `Expected field names of struct ${struct} to be C identifiers other than ${[...reserved].join(', ')}, got ${shown(field)}`,
    )
  }
}

function formatOf(fields: ReadonlyMap<string, FieldType>, size: number): string {
  const parts = [...fields].map(
    ([name, field]) => `${name}:${field.type.format}${field.length === undefined ? '' : `[${field.length}]`}@${field.offset}`,
  )
  return `{${parts.join(',')}}#${size}`
}

function build(name: string, laidOut: { size: number; alignment: number }, fields: ReadonlyMap<string, FieldType>): StructType {
  const format = formatOf(fields, laidOut.size)
  const type = register<StructType>({
    kind: 'struct',
    name,
    size: laidOut.size,
    alignment: laidOut.alignment,
    format,
    fingerprint: fingerprintOf(format),
    fields,
    toString: () => name,
  })
  return type
}

/**
 * Defines a struct with C's layout on this platform.
 *
 * @param name - for messages and inspection; two structs of one layout are the same type whatever their names
 * @param fields - types by field name, in order; `['c_int', 4]` is a fixed array, another struct nests
 * @throws ERR_INVALID_ARG_TYPE for an unknown type or a name that is no C identifier; ERR_OUT_OF_RANGE for a length that is no integer >= 1
 * @example const Point = struct('Point', { x: 'c_double', y: 'c_double' })
 */
export function struct<const S extends Record<string, FieldSpec>>(name: string, fields: S): StructType<RecordOf<S>, FieldsOf<S>> {
  if (typeof name !== 'string' || name === '') throw wrongType('name', 'a non-empty string', name)
  if (typeof fields !== 'object' || fields === null || Object.keys(fields).length === 0)
    throw wrongType('fields', 'an object with at least one field', fields)
  const parsed = new Map<string, { type: AnyType; length: number | undefined }>()
  for (const [field, spec] of Object.entries(fields)) {
    checkFieldName(name, field)
    const isArray = Array.isArray(spec)
    const length: unknown = isArray ? spec[1] : undefined
    if (isArray && (typeof length !== 'number' || !Number.isInteger(length) || length < 1 || length > LONGEST_FIELD)) {
      throw wrongRange(`fields.${field}[1]`, `an integer from 1 to ${LONGEST_FIELD}`, length)
    }
    parsed.set(field, { type: resolveType(isArray ? spec[0] : spec, `fields.${field}`), length: length as number | undefined })
  }
  const laidOut = koffi().struct(
    Object.fromEntries(
      [...parsed].map(([field, { type, length }]) => [field, length === undefined ? koffiOf(type) : koffi().array(koffiOf(type), length)]),
    ),
  )
  const members = koffi().type(laidOut).members as NonNullable<TypeObject['members']>
  const placed = new Map([...parsed].map(([field, part]) => [field, { ...part, offset: (members[field] as { offset: number }).offset }]))
  const type = build(name, koffi().type(laidOut), placed)
  koffiTypes.set(type, laidOut)
  return type as StructType<RecordOf<S>, FieldsOf<S>>
}

/** Our type for a koffi type object, or undefined if it holds something that cannot be shared (a pointer, say). */
export function typeFromKoffi(source: TypeObject): AnyType | undefined {
  if (source.primitive !== 'Record' || source.members === undefined) return scalarFromKoffi(source.name, source.primitive, source.size)
  const fields = new Map<string, FieldType>()
  for (const { name, type, offset } of Object.values(source.members)) {
    checkFieldName(source.name, name)
    const isArray = type.primitive === 'Array'
    const element = typeFromKoffi(isArray ? (type.ref as TypeObject) : type)
    if (element === undefined) return undefined
    fields.set(name, { type: element, length: isArray ? (type.length as number) : undefined, offset })
  }
  const type = build(source.name, source, fields)
  koffiTypes.set(type, source)
  return type
}

/** A field in a form that travels: its type, its offset, and for fixed arrays its length. */
type FieldDescription = readonly [TypeDescription, number] | readonly [TypeDescription, number, number]
/** A type in a form that travels in a handle. A struct's layout travels with it: it may be one that C's rules would not give (koffi.pack). */
export type TypeDescription = string | { struct: string; size: number; alignment: number; fields: Record<string, FieldDescription> }

export function describeType(type: AnyType): TypeDescription {
  if (type.kind === 'scalar') return type.name
  const describeField = ({ type: element, offset, length }: FieldType): FieldDescription =>
    length === undefined ? [describeType(element), offset] : [describeType(element), offset, length]
  const { name, size, alignment } = type
  return {
    struct: name,
    size,
    alignment,
    fields: Object.fromEntries([...type.fields].map(([field, each]) => [field, describeField(each)])),
  }
}

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Deeper structs than this are refused in handles, which anybody may have written. */
const DEEPEST = 64

/** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE if it describes no type, or fields outside their struct; `what` names it */
export function typeFromDescription(description: unknown, what: string, depth = 0): AnyType {
  if (typeof description === 'string') return resolveType(description, what)
  if (typeof description !== 'object' || description === null || depth > DEEPEST)
    throw wrongType(what, 'a type as handles describe them', description)
  const { struct: name, size, alignment, fields } = description as { [K in 'struct' | 'size' | 'alignment' | 'fields']?: unknown }
  if (typeof name !== 'string' || !isNatural(size) || !isNatural(alignment) || typeof fields !== 'object' || fields === null) {
    throw wrongType(what, 'a type as handles describe them', description)
  }
  const placed = new Map<string, FieldType>()
  for (const [field, each] of Object.entries(fields)) {
    checkFieldName(name, field)
    const [type, offset, length]: unknown[] = Array.isArray(each) ? each : []
    const element = typeFromDescription(type, `${what}.${field}`, depth + 1)
    if (!isNatural(offset) || !(length === undefined || isNatural(length)) || offset + element.size * (length ?? 1) > size) {
      throw wrongRange(`${what}.${field}`, `a field within the ${size} bytes of its struct`, each)
    }
    placed.set(field, { type: element, offset, length })
  }
  return build(name, { size, alignment }, placed)
}
