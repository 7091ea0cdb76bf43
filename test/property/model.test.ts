/** Random programs of operations, held against the plainest model of each. */
import { expect } from 'chai'
import fc from 'fast-check'
import { RawArray, RawValue, Array as SharedArray, Value } from '../../lib/index.js'
import { integerOf, someOf } from '../fixtures/unit-arbitraries.js'
import { type Integer, type IntegerType, integers, integerValue, native, wrap } from '../fixtures/unit-types.js'

type Step = readonly [operation: string, first: Integer, second: Integer]

/** A value in C, as whole numbers. Gives what the operation gives. */
function modelStep(type: IntegerType, state: { value: bigint }, [operation, first, second]: Step): Integer | undefined {
  const old = state.value
  const [a, b] = [BigInt(first), BigInt(second)]
  const results: Record<string, bigint> = {
    add: old + a,
    sub: old - a,
    and: old & a,
    or: old | a,
    xor: old ^ a,
    exchange: a,
    compareExchange: old === a ? b : old,
    store: a,
    write: a,
    load: old,
    read: old,
  }
  state.value = wrap(type, results[operation] as bigint)
  if (operation === 'write') return undefined
  return native(type, operation === 'store' ? state.value : old)
}

function realStep(value: ReturnType<typeof integerValue>, [operation, first, second]: Step): Integer | undefined {
  if (operation === 'read') return value.value
  if (operation === 'write') {
    value.value = first
    return undefined
  }
  if (operation === 'compareExchange') return value.compareExchange(first, second)
  return value[operation as 'add'](first)
}

const operations = ['add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange', 'store', 'write', 'load', 'read']

describe('against a model', () => {
  for (const type of integers) {
    const step = fc.tuple(fc.constantFrom(...operations), integerOf(type), integerOf(type))

    it(`the operations of ${type.name}`, () =>
      fc.assert(
        fc.property(integerOf(type), fc.array(step, { maxLength: 50 }), fc.boolean(), (initial, steps, raw) => {
          using value = integerValue(type, initial, raw)
          const model = { value: BigInt(initial) }
          for (const each of steps) expect(realStep(value, each)).to.equal(modelStep(type, model, each))
          expect(value.value).to.equal(native(type, model.value))
        }),
      ))

    it(`what ${type.name} does not hold is refused and changes nothing`, () =>
      fc.assert(
        fc.property(
          integerOf(type),
          fc.bigInt({ min: 1n, max: 2n ** 80n }),
          fc.boolean(),
          fc.constantFrom('write', 'store', 'add', 'exchange'),
          (initial, by, above, operation) => {
            using value = integerValue(type, initial)
            const beyond = above ? type.max + by : type.min - by
            expect(() => realStep(value, [operation, type.big ? beyond : Number(beyond), 0])).to.throw(RangeError)
            expect(value.value).to.equal(initial)
          },
        ),
        { numRuns: 50 },
      ))
  }

  for (const name of ['c_float', 'c_double'] as const) {
    const rounded = name === 'c_float' ? Math.fround : (each: number): number => each
    const number = someOf(name) as fc.Arbitrary<number>
    const step = fc.tuple(fc.constantFrom('add', 'exchange', 'compareExchange', 'same', 'store', 'write'), number, number)

    it(`the operations of ${name}`, () =>
      fc.assert(
        fc.property(number, fc.array(step, { maxLength: 50 }), (initial, steps) => {
          using value = RawValue(name, initial)
          let model = initial
          for (const [operation, first, second] of steps) {
            const old = model
            if (operation === 'write') value.value = first
            else if (operation === 'store') value.store(first)
            else if (operation === 'add') expect(value.add(first)).to.deep.equal(old)
            else if (operation === 'exchange') expect(value.exchange(first)).to.deep.equal(old)
            else expect(value.compareExchange(operation === 'same' ? old : first, second)).to.deep.equal(old)
            if (operation === 'add') model = rounded(old + first)
            else if (operation === 'same') model = second
            else if (operation === 'compareExchange') model = Object.is(old, first) ? second : old
            else model = first
            expect(value.load()).to.deep.equal(model)
          }
        }),
      ))
  }

  it('a numeric Array does what a typed array does', () => {
    const index = fc.integer({ min: -3, max: 12 })
    const step = fc.tuple(
      fc.constantFrom('set', 'write', 'fill', 'copyWithin', 'reverse', 'sort', 'subarray', 'with'),
      index,
      index,
      fc.double(),
    )
    const perform = (array: Int16Array | Float32Array, [operation, i, j, x]: readonly [string, number, number, number]): unknown => {
      switch (operation) {
        case 'write':
          return Reflect.set(array, i, x)
        case 'set':
          return i < 0 || i > array.length - 2 ? undefined : array.set([x, i], i)
        case 'copyWithin':
          return [...array.copyWithin(i, j)]
        case 'subarray':
          return [...array.subarray(i, j).fill(x)]
        case 'with':
          return i < 0 || i >= array.length ? undefined : [...array.with(i, x)]
        case 'fill':
          return [...array.fill(x, i, j)]
        default:
          return [...array[operation as 'reverse']()]
      }
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.array(step, { maxLength: 30 }), fc.boolean(), (length, steps, float) => {
        using array = float ? SharedArray('c_float', length) : SharedArray('c_short', length)
        const model = float ? new Float32Array(length) : new Int16Array(length)
        for (const each of steps) expect(perform(array, each)).to.deep.equal(perform(model, each))
        expect([...array]).to.deep.equal([...model])
      }),
    )
  })

  for (const name of ['c_bool', 'c_char'] as const) {
    it(`an Array of ${name} does what a plain array of fixed length does`, () => {
      const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1.7, -1.2)
      const index = fc.oneof({ arbitrary: fc.integer({ min: -9, max: 12 }), weight: 9 }, { arbitrary: odd, weight: 1 })
      const element = someOf(name) as fc.Arbitrary<boolean>
      const step = fc.tuple(fc.constantFrom('write', 'at', 'fill', 'set'), index, index, fc.array(element, { minLength: 1, maxLength: 4 }))
      fc.assert(
        fc.property(fc.array(element, { maxLength: 8 }), fc.array(step, { maxLength: 30 }), (initial, steps) => {
          using array = RawArray(name as 'c_bool', initial)
          const model = [...initial]
          for (const [operation, i, j, list] of steps) {
            const [value = false] = list
            const inside = Number.isInteger(i) && i >= 0 && i < model.length
            if (operation === 'at') expect(array.at(i)).to.equal(model.at(i))
            else if (operation === 'fill') {
              array.fill(value, i, j)
              model.fill(value, i, j)
            } else if (operation === 'set') {
              if (!Number.isInteger(i) || i < 0 || i + list.length > model.length) expect(() => array.set(list, i)).to.throw(RangeError)
              else {
                array.set(list, i)
                model.splice(i, list.length, ...list)
              }
            } else if (inside) array[i] = model[i] = value
            else expect(() => (array[i] = value)).to.throw(RangeError)
            expect([...array]).to.deep.equal(model)
          }
        }),
      )
    })
  }

  it('the text of a c_char Array is what was written up to its first NUL, or a RangeError', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 10 }), (length, texts) => {
        using array = RawArray('c_char', length)
        let model = ''
        for (const text of texts) {
          if (Buffer.byteLength(text) > length) expect(() => (array.value = text)).to.throw(RangeError)
          else {
            array.value = text
            model = text.split('\0')[0] as string
          }
          expect(array.value).to.equal(model)
        }
      }),
    ))

  it('locked and atomic increments of one process add up', () => {
    using value = Value('c_int', 0)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 })), (steps) => {
        const before = value.value
        for (const [i, each] of steps.entries()) i % 2 === 0 ? value.add(each) : value.withLock(() => (value.value += each))
        expect(value.value).to.equal(before + steps.reduce((sum, each) => sum + each, 0))
      }),
    )
  })
})
