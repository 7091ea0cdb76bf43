/** The atomic operations of Values: Atomics' own meaning, and for floats C11's. */
import { expect } from 'chai'
import { RawValue, Value } from '../../lib/index.js'
import { outOfRange, wrongType } from '../fixtures/unit-helpers.js'
import { type Integer, type IntegerType, type IntegerValue, integers, integerValue, native, wrap } from '../fixtures/unit-types.js'

type Operation = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'exchange'
const operations: Operation[] = ['add', 'sub', 'and', 'or', 'xor', 'exchange']

/** The same operation by JavaScript's Atomics, on memory of its own. */
function byAtomics(type: IntegerType, before: Integer, operation: Operation, operand: Integer): [old: Integer, after: Integer] {
  const name = `${type.big ? 'Big' : ''}${type.signed ? 'Int' : 'Uint'}${type.bits}Array` as 'Int32Array'
  const memory = new globalThis[name](1)
  memory[0] = before as number
  const old = Atomics[operation](memory, 0, operand as number)
  return [old, memory[0] as number]
}

function tried(value: IntegerValue, before: Integer, operation: Operation, operand: Integer): [old: Integer, after: Integer] {
  value.value = before
  const old = value[operation](operand)
  return [old, value.value]
}

describe('atomic operations', () => {
  for (const type of integers) {
    describe(type.name, () => {
      const samples = [type.min, type.min + 1n, -1n, 0n, 1n, 85n, type.max - 1n, type.max]
        .filter((each) => each >= type.min && each <= type.max)
        .map((each) => native(type, each))

      for (const raw of [false, true]) {
        it(`of a ${raw ? 'RawValue' : 'Value'} do what Atomics do, wrapping around`, () => {
          using value = integerValue(type, 0, raw)
          for (const operation of operations)
            for (const before of samples)
              for (const operand of samples) {
                const what = `${before} ${operation} ${operand}`
                expect(tried(value, before, operation, operand), what).to.deep.equal(byAtomics(type, before, operation, operand))
              }
        })
      }

      it('wrap past the greatest and the least', () => {
        using value = integerValue(type, native(type, type.max))
        expect(value.add(1)).to.equal(native(type, type.max))
        expect(value.value).to.equal(native(type, wrap(type, type.max + 1n)))
        expect(value.sub(1)).to.equal(native(type, type.min))
        expect(value.load()).to.equal(native(type, type.max))
      })

      it('load, and store, which gives what it stored', () => {
        using value = integerValue(type, 3)
        expect(value.load()).to.equal(native(type, 3n))
        expect(value.store(native(type, type.max))).to.equal(native(type, type.max))
        expect(value.load()).to.equal(native(type, type.max))
      })

      it('compareExchange replaces what it expects and nothing else', () => {
        using value = integerValue(type, 3)
        expect(value.compareExchange(native(type, 3n), native(type, type.min))).to.equal(native(type, 3n))
        expect(value.compareExchange(native(type, 3n), native(type, 5n))).to.equal(native(type, type.min))
        expect(value.value).to.equal(native(type, type.min))
      })

      it('check their operands, and change nothing when they refuse', () => {
        using value = integerValue(type, 3)
        const beyond = type.big ? type.max + 1n : Number(type.max + 1n)
        for (const operation of ['add', 'sub', 'and', 'or', 'xor'] as const) {
          for (const bad of [beyond, 0.5, Number.NaN]) outOfRange(() => value[operation](bad), '`operand`', type.name)
          for (const bad of ['1', undefined, null, true]) wrongType(() => value[operation](bad as never), '`operand`', type.name)
        }
        outOfRange(() => value.exchange(beyond), '`value`')
        outOfRange(() => value.store(beyond), '`value`')
        outOfRange(() => value.compareExchange(beyond, 1), '`expected`')
        outOfRange(() => value.compareExchange(1, beyond), '`replacement`')
        wrongType(() => value.compareExchange(3, '5' as never), '`replacement`')
        wrongType(() => value.exchange(undefined as never), '`value`')
        expect(value.value).to.equal(native(type, 3n))
      })
    })
  }

  for (const name of ['c_float', 'c_double'] as const) {
    const rounded = name === 'c_float' ? Math.fround : (each: number) => each
    describe(name, () => {
      for (const make of [Value, RawValue] as (typeof RawValue)[]) {
        it(`of a ${make.name}: add gives the old value and adds`, () => {
          using value = make(name, 0.1)
          expect(value.add(0.2)).to.equal(rounded(0.1))
          expect(value.load()).to.equal(rounded(rounded(0.1) + rounded(0.2)))
        })
      }

      it('add follows IEEE 754 at the edges', () => {
        using value = Value(name, name === 'c_float' ? 3.4028234663852886e38 : Number.MAX_VALUE)
        value.add(value.value)
        expect(value.value).to.equal(Number.POSITIVE_INFINITY)
        value.add(Number.NEGATIVE_INFINITY)
        expect(value.value).to.be.NaN
      })

      it('store, load and exchange', () => {
        using value = Value(name, 1.5)
        expect(value.store(2.5)).to.equal(2.5)
        expect(value.exchange(-0)).to.equal(2.5)
        expect(Object.is(value.load(), -0)).to.equal(true)
        expect(Object.is(value.exchange(Number.NaN), -0)).to.equal(true)
        expect(value.exchange(0)).to.be.NaN
      })

      it('compareExchange compares bits, as C does', () => {
        using value = Value(name, 0.1)
        expect(value.compareExchange(0.1, 0.2)).to.equal(rounded(0.1))
        expect(value.compareExchange(0.1, 9)).to.equal(rounded(0.2))
        expect(value.value).to.equal(rounded(0.2))
        value.value = 0
        expect(value.compareExchange(-0, 9)).to.equal(0)
        expect(value.value).to.equal(0)
        value.value = Number.NaN
        expect(value.compareExchange(Number.NaN, 1)).to.be.NaN
        expect(value.value).to.equal(1)
      })

      it('check their operands, and change nothing when they refuse', () => {
        using value = Value(name, 1.5)
        for (const bad of ['1', 1n, undefined, null]) {
          wrongType(() => value.add(bad as never), '`operand`')
          wrongType(() => value.exchange(bad as never), '`value`')
          wrongType(() => value.store(bad as never), '`value`')
          wrongType(() => value.compareExchange(bad as never, 1), '`expected`')
          wrongType(() => value.compareExchange(1.5, bad as never), '`replacement`')
        }
        if (name === 'c_float') outOfRange(() => value.add(1e300), '`operand`')
        expect(value.value).to.equal(1.5)
      })
    })
  }

  it('are no members of types that are no numbers', () => {
    using flag = Value('c_bool')
    using char = Value('c_char')
    for (const value of [flag, char]) expect(value).to.not.have.property('add')
  })
})
