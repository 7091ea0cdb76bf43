/** Errors: their classes and codes, a fresh one each time, messages that name the argument and what came. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import * as mp from '../../lib/index.js'
import { refused, removeNames, shmPath, thrownBy, uniqueName } from '../fixtures/unit-helpers.js'
import { library } from '../fixtures/unit-types.js'

const Point = mp.struct('Point', { x: 'c_double', y: 'c_double' })

/** Each class, its code, and a call that ends in it. */
const classes = {
  ClosedError: [
    'ERR_CLOSED',
    () => {
      const value = mp.Value('c_int')
      value.close()
      return value.value
    },
  ],
  NotOwnerError: ['ERR_NOT_OWNER', () => mp.Lock().release()],
  DeadlockError: [
    'ERR_DEADLOCK',
    () => {
      using lock = mp.Lock()
      lock.acquire()
      try {
        lock.acquire()
      } finally {
        lock.release()
      }
    },
  ],
  TimeoutError: [
    'ERR_TIMEOUT',
    () => {
      using lock = mp.Lock()
      lock.acquire()
      try {
        lock.withLock(() => {}, { timeout: 0 })
      } finally {
        lock.release()
      }
    },
  ],
  OverReleaseError: ['ERR_OVER_RELEASE', () => mp.BoundedSemaphore(1).release()],
  BrokenBarrierError: ['ERR_BROKEN_BARRIER', () => mp.Barrier(2).wait(0)],
  TypeMismatchError: [
    'ERR_TYPE_MISMATCH',
    () => {
      using value = mp.Value('c_int')
      return mp.attach({ ...value.toJSON(), type: 'c_uint' })
    },
  ],
  StaleHandleError: [
    'ERR_STALE_HANDLE',
    () => {
      const value = mp.Value('c_int')
      const handle = value.toJSON()
      value.close()
      return mp.attach(handle)
    },
  ],
} as const
const classNames = Object.keys(classes) as (keyof typeof classes)[]

describe('errors', () => {
  afterEach(removeNames)

  for (const name of classNames) {
    const [code, fail] = classes[name]
    describe(name, () => {
      it(`is thrown with code ${code}`, () => {
        const error = thrownBy(fail)
        expect([error.name, error.code]).to.deep.equal([name, code])
        expect(error).to.be.instanceOf(library[name])
        expect(error).to.be.instanceOf(mp.SharedCTypesError)
        expect(error).to.be.instanceOf(Error)
        expect(error.message).to.match(/\w/)
      })

      it('is a fresh object each time, with the stack of its call', () => {
        const [first, second] = [thrownBy(fail), thrownBy(fail)]
        expect(first).to.not.equal(second)
        expect(first.stack).to.include('errors.test')
        expect(inspect(first)).to.include(name).and.include(code)
      })

      it('is a class under SharedCTypesError', () => {
        expect(Object.getPrototypeOf(library[name])).to.equal(mp.SharedCTypesError)
      })
    })
  }

  it('OwnerDiedError has the dead owner’s pid', () => {
    const error = new mp.OwnerDiedError(123, 'gone')
    expect(error).to.include({ name: 'OwnerDiedError', code: 'ERR_OWNER_DIED', pid: 123, message: 'gone' })
    expect(error).to.be.instanceOf(mp.SharedCTypesError)
  })

  it('ERR_INVALID_ARG_TYPE is a TypeError, ERR_OUT_OF_RANGE a RangeError, and neither is a SharedCTypesError', () => {
    const type = refused(() => mp.Value('c_nope' as never), 'ERR_INVALID_ARG_TYPE', TypeError)
    const range = refused(() => mp.Value('c_byte', 200), 'ERR_OUT_OF_RANGE', RangeError)
    for (const error of [type, range]) {
      expect(error).to.not.be.instanceOf(mp.SharedCTypesError)
      expect(error.stack).to.include('errors.test')
      expect(Object.getOwnPropertyDescriptor(error, 'code')).to.have.property('value', error.code)
    }
    expect([type.name, range.name]).to.deep.equal(['TypeError', 'RangeError'])
  })

  it('a failed system call keeps its code, errno, syscall and path', () => {
    const name = uniqueName()
    const error = thrownBy(() => mp.Lock({ name, create: false }))
    expect(error).to.include({ code: 'ENOENT', errno: -2, syscall: 'open', path: shmPath(name) })
    expect(error.message).to.equal(`ENOENT: No such file or directory, open '${shmPath(name)}'`)
    expect(error).to.not.be.instanceOf(mp.SharedCTypesError)
    const again = thrownBy(() => mp.Lock({ name, create: false }))
    expect(again).to.not.equal(error)
    expect(again.stack).to.include('errors.test')
  })

  describe('messages name what was wrong and what came:', () => {
    const lock = mp.Lock()
    after(() => lock.close())
    const cases: [string, () => unknown, string, ...RegExp[]][] = [
      ['the type', () => mp.Value('int' as never), 'ERR_INVALID_ARG_TYPE', /`type`/, /c_int/, /'int'$/],
      ['the first value', () => mp.Value('c_byte', 128), 'ERR_OUT_OF_RANGE', /`initial`/, /-128 to 127/, /128$/],
      ['its type', () => mp.Value('c_byte', '1' as never), 'ERR_INVALID_ARG_TYPE', /`initial`/, /a number/, /'1'$/],
      ['an element', () => mp.Array('c_byte', [0, 300]), 'ERR_OUT_OF_RANGE', /`initial\[1\]`/, /300$/],
      ['a field', () => mp.Value(Point, { x: 1, y: '2' as never }), 'ERR_INVALID_ARG_TYPE', /`initial\.y`/, /'2'$/],
      ['a missing field', () => mp.Value(Point, { x: 1 } as never), 'ERR_INVALID_ARG_TYPE', /`initial\.y`/, /undefined$/],
      ['a field too many', () => mp.Value(Point, { x: 1, y: 2, z: 3 } as never), 'ERR_INVALID_ARG_TYPE', /Point/, /x, y/, /'z'$/],
      ['a length', () => mp.Array('c_int', -5), 'ERR_OUT_OF_RANGE', /`length`/, />= 0/, /-5$/],
      ['a bigint', () => mp.Value('c_long', 2n ** 64n), 'ERR_OUT_OF_RANGE', /`initial`/, /18446744073709551616n$/],
      ['NaN', () => mp.Value('c_int', Number.NaN), 'ERR_OUT_OF_RANGE', /NaN$/],
      ['a name', () => mp.Lock({ name: 'a/b' }), 'ERR_OUT_OF_RANGE', /`name`/, /1 to 200/, /'a\/b'/],
      ['a long name', () => mp.Lock({ name: 'x'.repeat(500) }), 'ERR_OUT_OF_RANGE', /500 characters/],
      ['a mode', () => mp.Lock({ name: 'x', mode: 0o1777 }), 'ERR_OUT_OF_RANGE', /`mode`/, /1023$/],
      ['a time', () => lock.acquire(-1), 'ERR_OUT_OF_RANGE', /`timeout`/, /milliseconds/, /-1$/],
      ['a time that is none', () => lock.acquire('1' as never), 'ERR_INVALID_ARG_TYPE', /`timeout`/, /'1'$/],
      ['a time in options', () => lock.withLock(() => {}, { timeout: Number.NaN }), 'ERR_OUT_OF_RANGE', /`options\.timeout`/, /NaN$/],
      ['a function', () => lock.withLock(5 as never), 'ERR_INVALID_ARG_TYPE', /`fn`/, /a function/, /5$/],
      ['a policy', () => mp.Lock({ onOwnerDied: 'ignore' as never }), 'ERR_INVALID_ARG_TYPE', /`onOwnerDied`/, /'ignore'$/],
      ['a lock', () => mp.Value('c_int', 0, { lock: {} as never }), 'ERR_INVALID_ARG_TYPE', /`lock`/, /acquire and release/, /\{\}$/],
      ['a handle', () => mp.attach('no JSON'), 'ERR_INVALID_ARG_TYPE', /`handle`/, /JSON/],
      ['options', () => mp.Lock('name' as never), 'ERR_INVALID_ARG_TYPE', /`options`/, /'name'$/],
    ]
    for (const [what, call, code, ...patterns] of cases)
      it(what, () => {
        refused(call, code, Error, ...patterns)
      })
  })

  it('messages stay short, whatever came', () => {
    const monsters = ['x'.repeat(1e6), Array.from({ length: 1e5 }, () => 'y'), { deep: { deeper: 'z'.repeat(1e5) } }, Buffer.alloc(1e6)]
    for (const monster of monsters) {
      expect(thrownBy(() => mp.Value('c_int', monster as never)).message.length).to.be.below(200)
      expect(thrownBy(() => mp.Value(monster as never)).message.length).to.be.below(600)
      expect(thrownBy(() => mp.Lock({ name: monster as never })).message.length).to.be.below(300)
    }
  })

  it('what a caller throws inside withLock comes through as it is', () => {
    using lock = mp.Lock()
    for (const thrown of [null, undefined, 5, 'text', new Error('own')]) {
      let caught: unknown = 'nothing'
      try {
        lock.withLock(() => {
          throw thrown
        })
      } catch (error) {
        caught = error
      }
      expect(caught).to.equal(thrown)
      expect(lock.locked).to.equal(false)
    }
  })
})
