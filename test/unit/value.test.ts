/** Value and RawValue: every type's first value, reads, writes, checks; what it shows of itself; its end. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { c_int, Lock, RawValue, struct, Value } from '../../lib/index.js'
import { outOfRange, refused, rejectionOf, thrownBy, wrongType } from '../fixtures/unit-helpers.js'
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

  describe('closed', () => {
    it('can be closed again, and by `using`', () => {
      const value = Value('c_int', 1)
      value.close()
      value.close()
      value[Symbol.dispose]()
      let kept: { value: number } | undefined
      {
        using scoped = Value('c_int', 1)
        kept = scoped
      }
      refused(() => kept?.value, 'ERR_CLOSED', Error, 'Value<c_int> is closed')
    })

    it('is not closed while this thread holds its lock', () => {
      const value = Value('c_int', 1)
      value.acquire()
      const error = thrownBy(() => value.close())
      expect([error.name, error.code]).to.deep.equal(['DeadlockError', 'ERR_DEADLOCK'])
      expect(value.value).to.equal(1)
      value.release()
      value.close()
    })

    it('does not close its siblings', () => {
      const [first, second] = [RawValue('c_int', 1), RawValue('c_int', 2)]
      first.close()
      expect(second.value).to.equal(2)
      second.close()
    })

    for (const raw of [false, true]) {
      it(`throws ERR_CLOSED at any use of a ${raw ? 'RawValue' : 'Value'}`, () => {
        for (const type of integers) {
          const value = integerValue(type, 1, raw)
          value.close()
          const one = native(type, 1n)
          const uses = [
            () => value.value,
            () => (value.value = one),
            () => value.load(),
            () => value.store(one),
            () => value.exchange(one),
            () => value.compareExchange(one, one),
            () => value.toJSON(),
            ...(['add', 'sub', 'and', 'or', 'xor'] as const).map((operation) => () => value[operation](one)),
          ]
          for (const use of uses) refused(use, 'ERR_CLOSED', Error, type.name)
        }
        for (const [type, first] of [
          ['c_bool', true],
          ['c_char', 'a'],
          ['c_double', 1],
          ['c_float', 1],
        ] as const) {
          const value = raw ? RawValue(type as 'c_double', first as 1) : Value(type as 'c_double', first as 1)
          value.close()
          for (const use of [() => value.value, () => (value.value = first as 1), () => value.toJSON()]) refused(use, 'ERR_CLOSED')
          if (first !== 1) continue
          const uses = [
            () => value.load(),
            () => value.store(1),
            () => value.add(1),
            () => value.exchange(1),
            () => value.compareExchange(1, 1),
          ]
          for (const use of uses) refused(use, 'ERR_CLOSED')
        }
      })
    }

    for (const used of [false, true]) {
      it(`throws ERR_CLOSED at any use of a lock that was ${used ? '' : 'not '}used before`, async () => {
        const value = Value('c_int', 1)
        if (used) value.withLock(() => {})
        value.close()
        const uses = [
          () => value.acquire(),
          () => value.acquire(0),
          () => value.tryAcquire(),
          () => value.release(),
          () => value.withLock(() => {}),
          () => value.hold(),
          () => value.getLock().acquire(),
          () => value.getObj().value,
        ]
        for (const use of uses) refused(use, 'ERR_CLOSED')
        for (const promise of [() => value.acquireAsync(), () => value.withLockAsync(() => {})])
          expect((await rejectionOf((async () => promise())())).code).to.equal('ERR_CLOSED')
      })
    }

    it('leaves a lock that it was given alone', () => {
      const lock = Lock()
      const value = Value('c_int', 1, { lock })
      value.close()
      expect(lock.tryAcquire()).to.equal(true)
      lock.release()
      lock.close()
    })
  })
})
