/** The classes behind RawArray and Array: real typed arrays for numbers, checked sequences for c_bool, c_char and structs. */
import type { AnyType, ViewName } from '../ctypes/ctype.js'
import { CharElements, Elements } from '../ctypes/elements.js'
import type { Block } from '../memory/block.js'
import { BLOCK, CONTENT, type Constructor, furnish, type Internals, type LockState, TYPE } from './internals.js'
import { lockMembers } from './lock-members.js'
import { sharedMembers } from './members.js'
import { arrayWaits } from './wait-members.js'

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
  class Numbers extends arrayWaits(sharedMembers(Base, true)) {
    static get [Symbol.species](): NumericBase {
      return Base
    }

    override [CONTENT](): unknown {
      return excerpt(this)
    }
  }
  return Numbers
}

/** Elements with the members of a shared object. */
function checkedArray(Base: Constructor<Elements>): Constructor<Internals> {
  return class Checked extends arrayWaits(sharedMembers(Base, true)) {
    override [CONTENT](): unknown {
      return this instanceof CharElements ? this.value : excerpt(this)
    }
  }
}

function locked(Class: Constructor<Internals>): Constructor<Internals> {
  return class Locked extends lockMembers(Class) {
    getObj(): unknown {
      this[BLOCK].checkOpen()
      return buildArray(this[BLOCK], this[TYPE], { kind: 'none' })
    }
  } as unknown as Constructor<Internals>
}

interface Pair {
  readonly raw: Constructor<Internals>
  readonly locked: Constructor<Internals>
}

const pair = (raw: Constructor<Internals>): Pair => ({ raw, locked: locked(raw) })
const views: readonly ViewName[] = [
  'Int8Array',
  'Uint8Array',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]
const numericClasses = new Map(views.map((view) => [view, pair(numeric(view))]))
const characters = pair(checkedArray(CharElements))
const checked = pair(checkedArray(Elements))

/** The object for a block that holds elements of this type. */
export function buildArray(block: Block, type: AnyType, lock: LockState): Internals {
  const isNumeric = type.kind === 'scalar' && type.category !== 'bool' && type.category !== 'char'
  const { raw, locked: withLock } = isNumeric ? (numericClasses.get(type.view) as Pair) : type.format === 'c1' ? characters : checked
  const Class = lock.kind === 'none' ? raw : withLock
  const array = isNumeric ? new Class(block.buffer) : new Class(block, type, 0, block.bytes / type.size)
  return furnish(array, block, type, lock)
}
