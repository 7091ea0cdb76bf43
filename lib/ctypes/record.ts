/**
 * Live records: objects whose fields are C fields in shared memory. A class a struct type, compiled when its first record is made.
 * Also how any element, scalar or struct, is read and written.
 */
import { inspect } from 'node:util'
import { shown } from '../check.js'
import { invalidType } from '../errors.js'
import type { AnyType, FieldType, StructType, TypedArrays } from './ctype.js'
import { CharElements, checkSequence, Elements, encodeText } from './elements.js'
import type { Memory } from './memory.js'

/** Writes a value that was checked already. */
export type Write = (view: DataView, at: number) => void

/** Checks `value` whole and answers how to write it: nothing is changed unless all of it fits. `what` names it in messages. */
export function encode(type: AnyType, value: unknown, what: string): Write {
  if (type.kind === 'struct') return encodeRecord(type, value, what)
  const stored = type.check(value, what)
  return (view, at) => type.accessor.set(view, at, stored)
}

function encodeField(field: FieldType, value: unknown, what: string): Write {
  if (field.length === undefined) return encode(field.type, value, what)
  if (field.type.format === 'c1' && typeof value === 'string') {
    const write = encodeText(value, field.length, what)
    return (view, at) => write(new Uint8Array(view.buffer, view.byteOffset + at, field.length))
  }
  const writes = checkSequence(value, field.length, what).map((each, i) => encode(field.type, each, `${what}[${i}]`))
  return (view, at) => {
    for (const [i, write] of writes.entries()) write(view, at + i * field.type.size)
  }
}

function encodeRecord(type: StructType, value: unknown, what: string): Write {
  if (typeof value !== 'object' || value === null)
    throw invalidType(`Expected \`${what}\` to be an object with the fields of ${type.name}, got ${shown(value)}`)
  const source = value as Record<string, unknown>
  const unknown = Object.keys(source).find((key) => !type.fields.has(key))
  if (unknown !== undefined)
    throw invalidType(
      `Expected \`${what}\` to have the fields of ${type.name} (${[...type.fields.keys()].join(', ')}), got a field ${shown(unknown)}`,
    )
  const writes = [...type.fields].map(([name, field]) => [encodeField(field, source[name], `${what}.${name}`), field.offset] as const)
  return (view, at) => {
    for (const [write, offset] of writes) write(view, at + offset)
  }
}

let memoryOf: (record: LiveRecord) => Memory
let placeOf: (record: LiveRecord) => number

/** What all records share. */
class LiveRecord {
  readonly #memory: Memory
  readonly #at: number

  constructor(memory: Memory, at: number) {
    this.#memory = memory
    this.#at = at
  }

  static {
    memoryOf = (record) => record.#memory
    placeOf = (record) => record.#at
  }
}

function readField(memory: Memory, field: FieldType, at: number): unknown {
  if (field.length === undefined) return readElement(memory, field.type, at)
  if (field.type.format === 'c1') return new CharElements(memory, field.type, at, field.length)
  if (field.type.kind === 'struct' || field.type.category === 'bool') return new Elements(memory, field.type, at, field.length)
  const { buffer, byteOffset } = memory.dataView()
  // In a packed struct of koffi's an array may lie where no typed array can.
  if ((byteOffset + at) % field.type.size !== 0) return new Elements(memory, field.type, at, field.length)
  const Base = globalThis[field.type.view] as new (buffer: ArrayBuffer, at: number, length: number) => TypedArrays['Int8Array']
  return new Base(buffer, byteOffset + at, field.length)
}

/** A field in plain JavaScript values, for JSON and inspection. */
function plain(value: unknown): unknown {
  if (value instanceof LiveRecord) return (value as unknown as { toJSON(): unknown }).toJSON()
  if (value instanceof CharElements) return value.value
  if (value instanceof Elements) return [...value].map(plain)
  return ArrayBuffer.isView(value) ? [...(value as unknown as Iterable<unknown>)] : value
}

/** A live record, of which others see a plain copy: the fields themselves belong to its object. */
export function isRecord(value: object): value is { toJSON(): object } {
  return value instanceof LiveRecord
}

type RecordClass = new (memory: Memory, at: number) => LiveRecord

function compile(type: StructType): RecordClass {
  const Record = class extends LiveRecord {
    toJSON(): Record<string, unknown> {
      return Object.fromEntries(
        [...type.fields].map(([name, field]) => [name, plain(readField(memoryOf(this), field, placeOf(this) + field.offset))]),
      )
    }

    [inspect.custom](_depth: number, options: object): string {
      return `${type.name} ${inspect(this.toJSON(), options)}`
    }
  }
  Object.defineProperty(Record, 'name', { value: type.name })
  for (const [name, field] of type.fields) {
    Object.defineProperty(Record.prototype, name, {
      enumerable: true,
      get(this: LiveRecord) {
        return readField(memoryOf(this), field, placeOf(this) + field.offset)
      },
      set(this: LiveRecord, value: unknown) {
        encodeField(field, value, name)(memoryOf(this).dataView(), placeOf(this) + field.offset)
      },
    })
  }
  return Record
}

const classes = new WeakMap<StructType, RecordClass>()

/** The element at `at`: a value, or for structs a live record. */
export function readElement(memory: Memory, type: AnyType, at: number): unknown {
  const view = memory.dataView() // throws if closed, for records too, which would not look before their first field is used
  if (type.kind === 'scalar') return type.accessor.get(view, at)
  let Record = classes.get(type)
  if (Record === undefined) {
    Record = compile(type)
    classes.set(type, Record)
  }
  return new Record(memory, at)
}
