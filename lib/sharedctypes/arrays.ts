/** The classes behind RawArray and Array: real typed arrays for numbers, checked sequences for c_bool, c_char and structs. */
import { wrongType } from '../check.js'
import type { AnyType, ViewName } from '../ctypes/ctype.js'
import { Elements } from '../ctypes/elements.js'
import { outOfRange } from '../errors.js'
import type { Block } from '../memory/block.js'
import { BLOCK, CONTENT, type Constructor, furnish, type Internals, type LockState, TYPE } from './internals.js'
import { lockMembers } from './lock-members.js'
import { sharedMembers } from './members.js'

const SHOWN = 100

/** The first elements, in plain values: what an inspection shows. */
function excerpt(elements: Iterable<unknown> & { readonly length: number }): unknown[] {
  const first: unknown[] = []
  for (const element of elements) {
    if (first.length === SHOWN) break
    first.push(element)
  }
  return first
}

type NumericBase = Constructor<Int32Array<ArrayBuffer>>

/** A typed array with the members of a shared object. What its methods make (`map`, `slice`, `filter`) is a plain array of the base kind. */
function numeric(view: ViewName): Constructor<Internals> {
  const Base = globalThis[view] as unknown as NumericBase
  class Numbers extends sharedMembers(Base, true) {
    static get [Symbol.species](): NumericBase {
      return Base
    }

    override [CONTENT](): unknown {
      return excerpt(this)
    }
  }
  return Numbers
}

class CheckedElements extends sharedMembers(Elements as unknown as Constructor<Elements>, true) {
  override [CONTENT](): unknown {
    return excerpt(this)
  }
}

/** A c_char array: elements are strings of one byte; `value` and `raw` show all of them at once, as in Python. */
class Characters extends CheckedElements {
  /** All bytes, live. */
  get raw(): Buffer<ArrayBuffer> {
    return Buffer.from(this[BLOCK].buffer)
  }

  /** The text up to the first NUL, as UTF-8. */
  get value(): string {
    const { raw } = this
    const end = raw.indexOf(0)
    return raw.toString('utf8', 0, end < 0 ? raw.length : end)
  }

  /** Writes UTF-8 and, where there is room, a NUL behind it. RangeError if it is too long: nothing is changed then. */
  set value(text: string) {
    if (typeof text !== 'string') throw wrongType('value', 'a string', text)
    const bytes = Buffer.from(text)
    const { raw } = this
    if (bytes.length > raw.length) throw outOfRange(`Expected \`value\` to have at most ${raw.length} bytes of UTF-8, got ${bytes.length}`)
    raw.set(bytes)
    if (bytes.length < raw.length) raw[bytes.length] = 0
  }

  override [CONTENT](): unknown {
    return this.value
  }
}

function locked(Class: Constructor<Internals>): Constructor<Internals> {
  return class Array extends lockMembers(Class) {
    getObj(): unknown {
      return buildArray(this[BLOCK], this[TYPE], { kind: 'none' })
    }
  } as unknown as Constructor<Internals>
}

interface Pair {
  readonly raw: Constructor<Internals>
  readonly locked: Constructor<Internals>
}

const pair = (raw: Constructor<Internals>): Pair => ({ raw, locked: locked(raw) })
const views: readonly ViewName[] = ['Int8Array', 'Uint8Array', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']
const numericClasses = new Map(views.map((view) => [view, pair(numeric(view))]))
const characters = pair(Characters as unknown as Constructor<Internals>)
const checked = pair(CheckedElements as unknown as Constructor<Internals>)

/** The object for a block that holds elements of this type. */
export function buildArray(block: Block, type: AnyType, lock: LockState): Internals {
  const isNumeric = type.kind === 'scalar' && type.category !== 'bool' && type.category !== 'char'
  const { raw, locked: withLock } = isNumeric ? (numericClasses.get(type.view) as Pair) : type.format === 'c1' ? characters : checked
  const Class = lock.kind === 'none' ? raw : withLock
  const array = isNumeric ? new Class(block.buffer) : new Class(block, type, 0, block.bytes / type.size)
  return furnish(array, block, type, lock)
}
