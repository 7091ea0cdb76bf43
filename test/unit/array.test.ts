/** Arrays of numbers: they are typed arrays over the shared bytes. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import koffi from 'koffi'
import { attach, Lock, RawArray, Array as SharedArray, type SharedObject } from '../../lib/index.js'
import { outOfRange, refused, rejectionOf, wrongType } from '../fixtures/unit-helpers.js'
import type { FloatName, IntegerName } from '../fixtures/unit-types.js'

const views: Record<IntegerName | FloatName, { new (length: number): ArrayBufferView; readonly BYTES_PER_ELEMENT: number }> = {
  c_byte: Int8Array,
  c_ubyte: Uint8Array,
  c_short: Int16Array,
  c_ushort: Uint16Array,
  c_int: Int32Array,
  c_uint: Uint32Array,
  c_long: BigInt64Array,
  c_ulong: BigUint64Array,
  c_longlong: BigInt64Array,
  c_ulonglong: BigUint64Array,
  c_int8: Int8Array,
  c_uint8: Uint8Array,
  c_int16: Int16Array,
  c_uint16: Uint16Array,
  c_int32: Int32Array,
  c_uint32: Uint32Array,
  c_int64: BigInt64Array,
  c_uint64: BigUint64Array,
  c_size_t: BigUint64Array,
  c_ssize_t: BigInt64Array,
  c_float: Float32Array,
  c_double: Float64Array,
}
const names = Object.keys(views) as (IntegerName | FloatName)[]

/** Every numeric array behaves as this one, but for the kind of number. */
type Numbers = Int32Array<ArrayBuffer> & SharedObject
const make = (name: IntegerName | FloatName, initial: number | Iterable<number>, raw: boolean): Numbers =>
  (raw ? RawArray(name as 'c_int', initial) : SharedArray(name as 'c_int', initial)) as Numbers

describe('Array of numbers', () => {
  for (const name of names) {
    const View = views[name]
    const number = (value: number): number =>
      View === BigInt64Array || View === BigUint64Array ? (BigInt(value) as unknown as number) : value
    const list = [1, 2, 3, 4].map(number)

    for (const raw of [false, true]) {
      describe(`${raw ? 'RawArray' : 'Array'}('${name}')`, () => {
        it(`is a ${View.name} over these elements alone`, () => {
          using array = make(name, [1, 2, 3, 4], raw)
          expect(array).to.be.instanceOf(View)
          expect([array.length, array.byteOffset, array.byteLength]).to.deep.equal([4, 0, 4 * View.BYTES_PER_ELEMENT])
          expect(array.buffer).to.be.instanceOf(ArrayBuffer)
          expect(array.buffer.byteLength).to.equal(4 * View.BYTES_PER_ELEMENT)
          expect([...array]).to.deep.equal(list)
          expect(array.at(-1)).to.equal(number(4))
        })

        it('gives plain arrays of the base kind by map, slice, filter, and by subarray one over the same bytes', () => {
          using array = make(name, [1, 2, 3, 4], raw)
          const made = [array.map((each) => each), array.slice(1), array.filter(() => true), array.subarray(1, 3)]
          for (const each of made) expect(Object.getPrototypeOf(each)).to.equal(View.prototype)
          const [mapped, sliced, , part] = made as [Numbers, Numbers, Numbers, Numbers]
          array[1] = number(9)
          expect([mapped[1], sliced[0], part[0]]).to.deep.equal([number(2), number(2), number(9)])
          part[1] = number(8)
          expect(array[2]).to.equal(number(8))
        })

        it('ignores an index outside and lets numbers wrap, as typed arrays do', () => {
          using array = make(name, 2, raw)
          const plain = new View(2) as unknown as Numbers
          for (const each of [array, plain]) {
            each[2] = number(5)
            Reflect.set(each, -1, number(5))
            each[0] = number(2 ** 40 + 300)
            each.fill(number(-1), 1)
          }
          expect([array[2], Reflect.get(array, -1), array.length]).to.deep.equal([undefined, undefined, 2])
          expect([...array]).to.deep.equal([...plain])
        })

        it('is empty, of length 0, if so asked', () => {
          for (const none of [0, []]) {
            using array = make(name, none, raw)
            expect([array.length, array.buffer.byteLength, [...array]]).to.deep.equal([0, 0, []])
          }
        })

        it('is detached after close', () => {
          const array = make(name, [1, 2, 3, 4], raw)
          const part = array.subarray(1)
          const { buffer } = array
          array.close()
          array.close()
          expect([array.length, array[0], part.length, buffer.byteLength]).to.deep.equal([0, undefined, 0, 0])
          refused(() => array.toJSON(), 'ERR_CLOSED', Error, name)
        })
      })
    }
  }

  it('are seen by every object for the same memory', () => {
    using array = SharedArray('c_int', [1, 2, 3])
    using other = attach<typeof array>(array.toJSON())
    other[1] = 20
    expect([...array]).to.deep.equal([1, 20, 3])
    other.close()
    expect([...array]).to.deep.equal([1, 20, 3])
  })

  it('are found by Atomics, DataView and Buffer', () => {
    using array = SharedArray('c_int', 2)
    expect(Atomics.add(array, 1, 5)).to.equal(0)
    new DataView(array.buffer).setInt32(0, 258, true)
    expect([...Buffer.from(array.buffer)]).to.deep.equal([2, 1, 0, 0, 5, 0, 0, 0])
  })

  it('are worked on in place by C functions through koffi', () => {
    const libc = koffi.load('libc.so.6')
    const memset = libc.func('void *memset(void *s, int c, size_t n)')
    const proto = koffi.proto(`int Compare${process.pid}(const double *a, const double *b)`)
    const qsort = libc.func('qsort', 'void', ['void *', 'size_t', 'size_t', koffi.pointer(proto)])
    using ints = SharedArray('c_int', 1000)
    memset(ints, 1, ints.byteLength)
    expect([...new Set(ints)]).to.deep.equal([0x01010101])
    using doubles = SharedArray('c_double', [3, 1, 2])
    qsort(doubles, 3, 8, (a: unknown, b: unknown) => Math.sign(koffi.decode(a, 'double') - koffi.decode(b, 'double')))
    expect([...doubles]).to.deep.equal([1, 2, 3])
  })

  it('can not be moved away from under the library: a transfer copies, or throws where Node says so', () => {
    using array = SharedArray('c_int', [1, 2])
    let copied = new ArrayBuffer(8)
    try {
      copied = structuredClone(array.buffer, { transfer: [array.buffer] })
    } catch (error) {
      expect(error).to.have.property('name', 'DataCloneError')
    }
    array[0] = 9
    expect([array.length, new Int32Array(copied)[0]]).to.not.include(9)
    expect([...array]).to.deep.equal([9, 2])
  })

  it('show type, length and content, long ones in part, and their owner', () => {
    using array = SharedArray('c_int', [1, 2, 3])
    expect(inspect(array)).to.match(/^Array<c_int>\(3\).*1, 2, 3/)
    array.withLock(() => expect(inspect(array)).to.include(`process ${process.pid}`))
    using long = RawArray('c_double', 1_000_000)
    expect(inspect(long).length).to.be.below(2000)
    const closed = RawArray('c_int', 1)
    closed.close()
    expect(inspect(closed)).to.match(/closed/)
  })

  it('give a handle as JSON, not their elements', () => {
    using array = SharedArray('c_int', [1, 2, 3])
    expect(JSON.parse(JSON.stringify(array))).to.deep.equal(array.toJSON())
    expect(array.toJSON().length).to.equal(3)
  })

  describe('large', () => {
    for (const length of [1007, 1008, 1009, 1024, 100_000]) {
      it(`${length} ints lie where no other object does`, () => {
        using array = SharedArray('c_int', length)
        using next = SharedArray('c_int', length)
        array.fill(-1)
        expect([array.length, next.every((each) => each === 0), next.tryAcquire()]).to.deep.equal([length, true, true])
        next.release()
        expect(array.withLock(() => array.every((each) => each === -1))).to.equal(true)
      })
    }
  })

  describe('initial', () => {
    it('is any iterable, taken whole', () => {
      const sources = [
        [1, 2],
        new Set([1, 2]),
        new Float64Array([1, 2]),
        (function* () {
          yield* [1, 2]
        })(),
        new Map([
          [1, 0],
          [2, 0],
        ]).keys(),
      ]
      for (const source of sources) {
        using array = RawArray('c_ubyte', source)
        expect([...array]).to.deep.equal([1, 2])
      }
      using bytes = RawArray('B', Buffer.from('hi'))
      expect([...bytes]).to.deep.equal([104, 105])
      using longs = RawArray('c_long', [1, 2n, -3])
      expect([...longs]).to.deep.equal([1n, 2n, -3n])
    })

    it('is checked, element by element', () => {
      for (const make of [SharedArray, RawArray] as (typeof RawArray)[]) {
        outOfRange(() => make('c_byte', [1, 128]), '`initial[1]`', '128', 'c_byte')
        outOfRange(() => make('c_uint', [-1]), '`initial[0]`', '-1')
        outOfRange(() => make('c_int', [1, 2, 0.5]), '`initial[2]`')
        outOfRange(() => make('c_long', [2n ** 63n]), '`initial[0]`')
        wrongType(() => make('c_int', [1, '2' as never]), '`initial[1]`', "'2'")
        wrongType(() => make('c_int', [1n as never]), '`initial[0]`', '1n')
        wrongType(() => make('c_double', Object.assign(new Array<number>(3), { 0: 1, 2: 3 })), '`initial[1]`', 'undefined')
      }
    })

    it('is neither a string nor anything that can not be iterated', () => {
      for (const bad of ['123', '', undefined, null, true, 5n, {}, { length: 3 }, () => 3, Symbol('3')])
        wrongType(() => SharedArray('c_int', bad as never), '`initial`')
    })
  })

  describe('closed', () => {
    it('throws ERR_CLOSED at any use of the lock', async () => {
      const array = SharedArray('c_int', 3)
      array.close()
      for (const use of [
        () => array.acquire(),
        () => array.tryAcquire(),
        () => array.release(),
        () => array.hold(),
        () => array.withLock(() => {}),
      ])
        refused(use, 'ERR_CLOSED', Error, 'c_int')
      expect((await rejectionOf((async () => array.withLockAsync(() => {}))())).code).to.equal('ERR_CLOSED')
    })

    it('is not done while this thread holds the lock', () => {
      using array = SharedArray('c_int', [1])
      array.withLock(() => refused(() => array.close(), 'ERR_DEADLOCK', Error, 'c_int'))
      expect(array[0]).to.equal(1)
    })

    it('can be done while it holds a lock of someone else', () => {
      using lock = Lock()
      const array = SharedArray('c_int', [1], { lock })
      array.acquire()
      array.close()
      lock.release()
    })
  })
})
