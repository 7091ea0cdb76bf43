/** The classes behind RawValue and Value: one for each way in which a type's values appear in JavaScript. */
import type { AnyType, Category, ScalarType, StructType } from '../ctypes/ctype.js'
import { encode, readElement } from '../ctypes/record.js'
import { ClosedError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { native, regs } from '../native.js'
import { BLOCK, CONTENT, type Constructor, furnish, type Internals, type LockState, TYPE } from './internals.js'
import { lockMembers } from './lock-members.js'
import { sharedMembers } from './members.js'
import { valueWaits } from './wait-members.js'

/** For the compiler: at run time the view may as well be one of bigints, and so may all values. */
type Integers = Int32Array<ArrayBuffer>

class Bare {}
const Base = valueWaits(sharedMembers(Bare, false))

function closed(block: Block): never {
  throw new ClosedError(block.what)
}

abstract class Scalar extends Base {
  abstract get value(): unknown

  override [CONTENT](): unknown {
    return this.value
  }

  /** The index of the value in its view; throws if closed. */
  protected place(): number {
    const block = this[BLOCK]
    return block.index < 0 ? closed(block) : block.index
  }
}

/** Integers: numbers, or bigints where C's type has 8 bytes. Sequentially consistent, as JavaScript's Atomics are. */
class IntegerValue extends Scalar {
  #check(value: number, what: string): number {
    const { min, max, check } = this[TYPE] as ScalarType
    if (typeof min === 'number' && Number.isInteger(value) && value >= min && value <= (max as number)) return value
    return check(value, what) as number
  }

  get value(): number {
    const block = this[BLOCK]
    const { index } = block
    if (index < 0) closed(block)
    return Atomics.load(block.view as Integers, index)
  }

  set value(value: number) {
    const block = this[BLOCK]
    const { index } = block
    if (index < 0) closed(block)
    Atomics.store(block.view as Integers, index, this.#check(value, 'value'))
  }

  load(): number {
    return this.value
  }

  store(value: number): number {
    const index = this.place()
    return Atomics.store(this[BLOCK].view as Integers, index, this.#check(value, 'value'))
  }

  add(operand: number): number {
    const index = this.place()
    return Atomics.add(this[BLOCK].view as Integers, index, this.#check(operand, 'operand'))
  }

  sub(operand: number): number {
    const index = this.place()
    return Atomics.sub(this[BLOCK].view as Integers, index, this.#check(operand, 'operand'))
  }

  and(operand: number): number {
    const index = this.place()
    return Atomics.and(this[BLOCK].view as Integers, index, this.#check(operand, 'operand'))
  }

  or(operand: number): number {
    const index = this.place()
    return Atomics.or(this[BLOCK].view as Integers, index, this.#check(operand, 'operand'))
  }

  xor(operand: number): number {
    const index = this.place()
    return Atomics.xor(this[BLOCK].view as Integers, index, this.#check(operand, 'operand'))
  }

  exchange(value: number): number {
    const index = this.place()
    return Atomics.exchange(this[BLOCK].view as Integers, index, this.#check(value, 'value'))
  }

  compareExchange(expected: number, replacement: number): number {
    const index = this.place()
    return Atomics.compareExchange(
      this[BLOCK].view as Integers,
      index,
      this.#check(expected, 'expected'),
      this.#check(replacement, 'replacement'),
    )
  }
}

const ADD = 0
const EXCHANGE = 1
const COMPARE_EXCHANGE = 2

/** Floating-point numbers. A read or write is one aligned access, and so never torn; the rest is done by the addon. */
class FloatValue extends Scalar {
  #check(value: number, what: string): number {
    return (this[TYPE] as ScalarType).check(value, what) as number
  }

  #operate(operation: number, first: number, second: number): number {
    const block = this[BLOCK]
    block.checkOpen()
    regs[0] = block.dataAddress
    regs[1] = operation
    regs[2] = first
    regs[3] = second
    if (this[TYPE].size === 4) native.float32Operation()
    else native.float64Operation()
    return regs[0] as number
  }

  get value(): number {
    const block = this[BLOCK]
    const { index } = block
    if (index < 0) closed(block)
    return (block.view as Float64Array)[index] as number
  }

  set value(value: number) {
    const block = this[BLOCK]
    const { index } = block
    if (index < 0) closed(block)
    const checked = this.#check(value, 'value')
    ;(block.view as Float64Array)[index] = checked
  }

  load(): number {
    return this.value
  }

  store(value: number): number {
    this.value = value
    return value
  }

  /** Not one instruction but a loop of compare-and-exchange; atomic all the same. */
  add(operand: number): number {
    return this.#operate(ADD, this.#check(operand, 'operand'), 0)
  }

  exchange(value: number): number {
    return this.#operate(EXCHANGE, this.#check(value, 'value'), 0)
  }

  /** Compares bits, as C11's atomics do: NaN equals NaN of the same bits, and 0 is not -0. */
  compareExchange(expected: number, replacement: number): number {
    return this.#operate(COMPARE_EXCHANGE, this.#check(expected, 'expected'), this.#check(replacement, 'replacement'))
  }
}

/** c_bool and c_char: a byte that appears as something else. */
class ByteValue extends Scalar {
  get value(): unknown {
    const index = this.place()
    return (this[TYPE] as ScalarType).show(Atomics.load(this[BLOCK].view as Uint8Array, index))
  }

  set value(value: unknown) {
    const index = this.place()
    Atomics.store(this[BLOCK].view as Uint8Array, index, (this[TYPE] as ScalarType).check(value, 'value') as number)
  }
}

class StructValue extends Scalar {
  #record: unknown

  /** A live record: its fields are the struct's fields in shared memory. */
  get value(): unknown {
    this[BLOCK].checkOpen()
    this.#record ??= readElement(this[BLOCK], this[TYPE] as StructType, 0)
    return this.#record
  }

  /** Assigns all fields; each is checked before the first is written. */
  set value(value: unknown) {
    this[BLOCK].checkOpen()
    encode(this[TYPE], value, 'value')(this[BLOCK].dataView(), 0)
  }
}

type ValueClass = Constructor<Internals & { value: unknown }>
const raw: Record<Category | 'struct', ValueClass> = {
  number: IntegerValue,
  bigint: IntegerValue,
  float: FloatValue,
  bool: ByteValue,
  char: ByteValue,
  struct: StructValue,
}

function locked(Class: ValueClass): ValueClass {
  return class Value extends lockMembers(Class) {
    getObj(): unknown {
      this[BLOCK].checkOpen()
      return buildValue(this[BLOCK], this[TYPE], { kind: 'none' })
    }
  } as unknown as ValueClass
}

// One class with a lock for each without, all made here and now: their methods are found by the same property lookups.
const LockedInteger = locked(IntegerValue)
const LockedByte = locked(ByteValue)
const withLock: Record<Category | 'struct', ValueClass> = {
  number: LockedInteger,
  bigint: LockedInteger,
  float: locked(FloatValue),
  bool: LockedByte,
  char: LockedByte,
  struct: locked(StructValue),
}

/** The object for a block that holds one value of this type. */
export function buildValue(block: Block, type: AnyType, lock: LockState): Internals & { value: unknown } {
  const key = type.kind === 'struct' ? 'struct' : type.category
  if (type.kind === 'scalar') block.showAs(type.view, type.size)
  const Class = lock.kind === 'none' ? raw[key] : withLock[key]
  return furnish(new Class(), block, type, lock)
}
