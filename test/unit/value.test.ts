/** Value and RawValue: every type's first value, reads, writes, checks; what it shows of itself; its end. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { c_int, RawValue, struct, Value } from '../../lib/index.js'
import { outOfRange, wrongType } from '../fixtures/unit-helpers.js'
import { type Integer, type IntegerType, integers, integerValue, native } from '../fixtures/unit-types.js'

/** Values just outside what a type holds. */
const outside = ({ min, max, big }: IntegerType): Integer[] => [min - 1n, max + 1n].map((each) => (big ? each : Number(each)))

describe('Value', () => {
  for (const type of integers) {
    for (const raw of [true, false]) {
      describe(`${raw ? 'RawValue' : 'Value'}('${type.name}')`, () => {
        it('is zero unless told otherwise', () => {
          using value = integerValue(type, undefined, raw)
          expect(value.value).to.equal(native(type, 0n))
        })

        it('holds all from its least to its greatest', () => {
          using value = integerValue(type, native(type, type.max), raw)
          expect(value.value).to.equal(native(type, type.max))
          for (const each of [type.min, 0n, 1n, type.max - 1n]) {
            value.value = native(type, each)
            expect(value.value).to.equal(native(type, each))
          }
        })

        it('takes -0 as 0, and whole numbers for bigints', () => {
          using value = integerValue(type, 5, raw)
          expect(value.value).to.equal(native(type, 5n))
          value.value = -0
          expect(Object.is(value.value, native(type, 0n))).to.equal(true)
        })

        it('refuses what does not fit and stays as it was', () => {
          using value = integerValue(type, 7, raw)
          for (const bad of [...outside(type), 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 70]) {
            outOfRange(() => (value.value = bad), '`value`', type.name)
            outOfRange(() => integerValue(type, bad, raw), '`initial`', type.name)
          }
          const others = ['7', true, null, undefined, {}, [7], Symbol('7'), ...(type.big ? [] : [7n])]
          for (const bad of others) wrongType(() => (value.value = bad as never), '`value`', type.name)
          for (const bad of others.filter((each) => each !== undefined)) wrongType(() => integerValue(type, bad as never, raw), '`initial`')
          expect(value.value).to.equal(native(type, 7n))
        })
      })
    }
  }

  describe("Value('c_bool')", () => {
    it('holds true and false', () => {
      using value = Value('c_bool')
      expect(value.value).to.equal(false)
      value.value = true
      expect(value.value).to.equal(true)
      using other = RawValue('?', true)
      expect(other.value).to.equal(true)
    })

    it('refuses all else and stays as it was', () => {
      using value = Value('c_bool', true)
      for (const bad of [0, 1, 'true', null, undefined]) wrongType(() => (value.value = bad as never), '`value`', 'boolean')
      wrongType(() => Value('c_bool', 1 as never), '`initial`', 'boolean', '1')
      expect(value.value).to.equal(true)
    })
  })

  describe("Value('c_char')", () => {
    it('holds a string of one byte, latin-1', () => {
      using value = Value('c_char')
      expect(value.value).to.equal('\0')
      for (let code = 0; code < 256; code++) {
        value.value = String.fromCharCode(code)
        expect(value.value).to.equal(String.fromCharCode(code))
      }
    })

    it('refuses all else and stays as it was', () => {
      using value = Value('c', 'a')
      for (const bad of ['', 'ab', '€', 'Ā', '😀']) outOfRange(() => (value.value = bad), '`value`', 'one byte')
      for (const bad of [97, null, undefined, ['a']]) wrongType(() => (value.value = bad as never), '`value`')
      outOfRange(() => Value('c_char', 'ab'), '`initial`', "'ab'")
      expect(value.value).to.equal('a')
    })
  })

  for (const name of ['c_float', 'c_double'] as const) {
    const rounded = name === 'c_float' ? Math.fround : (each: number) => each
    describe(`Value('${name}')`, () => {
      it('holds numbers, the odd ones too', () => {
        using value = Value(name)
        expect(value.value).to.equal(0)
        for (const each of [0.1, -1.5, 1e30, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** -149, 2 ** -126]) {
          value.value = each
          expect(Object.is(value.value, rounded(each)), String(each)).to.equal(true)
        }
        using other = RawValue(name, 0.1)
        expect(other.value).to.equal(rounded(0.1))
      })

      it('refuses all else and stays as it was', () => {
        using value = Value(name, 2.5)
        for (const bad of ['2', 2n, null, undefined, true, {}]) wrongType(() => (value.value = bad as never), '`value`', name)
        wrongType(() => Value(name, '2' as never), '`initial`', name)
        if (name === 'c_float') for (const bad of [1e39, -1e300]) outOfRange(() => (value.value = bad), '`value`', name)
        expect(value.value).to.equal(2.5)
      })
    })
  }

  it('refuses options that are no object, and a lock that is none', () => {
    for (const bad of ['name', 5, null, true]) wrongType(() => Value('c_int', 0, bad as never))
    for (const bad of ['name', 5, null, true]) wrongType(() => RawValue('c_int', 0, bad as never), '`options`')
    for (const bad of [null, 0, 'lock', {}, { acquire() {} }, { acquire: 1, release: 2 }])
      wrongType(() => Value('c_int', 0, { lock: bad as never }), '`lock`', 'acquire and release')
  })

  describe('shows', () => {
    it('its type, by constant', () => {
      using value = Value('i')
      expect(value.type).to.equal(c_int)
      expect(() => Object.assign(value, { type: 'c_long' })).to.throw(TypeError)
    })

    it('no name where it has none', () => {
      using value = Value('c_int')
      expect(value.name).to.equal(undefined)
    })

    it('type, value and owner in console.log', () => {
      const value = Value('c_int', 42)
      expect(inspect(value))
        .to.match(/c_int.*42/)
        .and.not.match(/held/)
      value.withLock(() => expect(inspect(value)).to.match(new RegExp(`c_int.*42.*${process.pid}`)))
      expect(inspect({ deep: { value } })).to.match(/42/)
      value.close()
      expect(inspect(value)).to.match(/c_int.*closed/)
      using raw = RawValue(struct('Point', { x: 'd', y: 'd' }), { x: 1, y: 2 })
      expect(inspect(raw)).to.match(/Raw.*Point.*x: 1, y: 2/)
    })

    it('a handle as JSON: plain data', () => {
      using value = Value('c_int', 1)
      const handle = value.toJSON()
      expect(JSON.parse(JSON.stringify(value))).to.deep.equal(handle)
      expect(structuredClone(handle)).to.deep.equal(handle)
    })
  })
})
