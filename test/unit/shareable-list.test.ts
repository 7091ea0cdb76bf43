/** ShareableList: items in and out, indices, slots, finding. As an object: shareable-list-object.test.ts; refusals: shareable-list-refusals.test.ts. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { ShareableList, SharedMemory } from '../../lib/index.js'
import { outOfRange, removeNames, shmPath, uniqueName } from '../fixtures/unit-helpers.js'

type Items = ConstructorParameters<typeof ShareableList>[0]

describe('ShareableList', () => {
  const made: ShareableList[] = []
  afterEach(() => {
    for (const list of made.splice(0)) {
      list.close()
      if (existsSync(shmPath(list.name as string))) list.unlink()
    }
    removeNames()
  })
  /** Closed and unlinked after the test. */
  function make(items: Items, name?: string): ShareableList {
    const list = new ShareableList(items, name === undefined ? undefined : { name })
    made.push(list)
    return list
  }
  const formatOf = (...items: unknown[]) => make(items as never).format

  describe('items', () => {
    it('of all types come back as they were, and from another attachment too', () => {
      const items = [null, true, false, 0, -5, 0.5, 2n ** 63n - 1n, 'text', '', 'é€😀\0x', Buffer.from([1, 0, 2]), Buffer.alloc(0)]
      const list = make(items, uniqueName())
      const again = make(null, list.name)
      for (const each of [list, again]) {
        expect([...each]).to.deep.equal(items)
        expect(each.length).to.equal(items.length)
      }
    })

    it('that are whole numbers are ints, others floats; ints come back as numbers where that is exact', () => {
      const max = Number.MAX_SAFE_INTEGER
      const items = [1, 1n, max, BigInt(max), BigInt(max) + 1n, -max, -(BigInt(max) + 1n), 2 ** 53, 2 ** 62, -(2 ** 63), 1.5]
      expect([...make(items)]).to.deep.equal([1, 1, max, max, 2n ** 53n, -max, -(2n ** 53n), 2n ** 53n, 2n ** 62n, -(2n ** 63n), 1.5])
      expect(formatOf(1, 1n, 2 ** 62)).to.equal('qqq')
      expect(formatOf(1.5, Number.NaN, Number.POSITIVE_INFINITY, 5e-324)).to.equal('dddd')
    })

    it('that are floats stay so when they become whole; nothing else does', () => {
      const list = make([0.5, 1, null, true, 'text'])
      for (const i of [0, 1, 2, 3, 4]) list[i] = 2
      expect(list.format).to.equal('dqqqq')
      list[0] = -0
      expect(Object.is(list[0], -0)).to.equal(true)
      list[0] = 2 ** 70
      expect([list.format[0], list[0]]).to.deep.equal(['d', 2 ** 70])
      list[0] = 3n
      expect([list.format[0], list[0]]).to.deep.equal(['q', 3])
    })

    it('of a Float64Array or Float32Array are floats, whole ones too', () => {
      for (const type of [Float64Array, Float32Array]) {
        const list = make(type.from([1, -0, 0.5, Number.NaN, 2 ** 70]))
        expect(list.format).to.equal('ddddd')
        expect([...list]).to.deep.equal([1, -0, 0.5, Number.NaN, 2 ** 70])
      }
    })

    it('of integer arrays, Buffers and BigInt64Arrays are ints', () => {
      for (const items of [new Int8Array([1, 2]), new Uint32Array([1, 2]), Buffer.from([1, 2]), new BigInt64Array([1n, 2n])]) {
        const list = make(items)
        expect([list.format, ...list]).to.deep.equal(['qq', 1, 2])
      }
    })

    it('may come from any iterable, which is asked once; a string gives its characters', () => {
      let asked = 0
      const source = {
        *[Symbol.iterator]() {
          asked++
          yield* [1, 'a', null]
        },
      }
      expect([...make(source)]).to.deep.equal([1, 'a', null])
      expect(asked).to.equal(1)
      expect([...make(new Map([['a', 1]]).values())]).to.deep.equal([1])
      expect([...make(make([1, 2]))]).to.deep.equal([1, 2])
      expect([...make('ab😀')]).to.deep.equal(['a', 'b', '😀'])
    })

    it('that are bytes come back as a Buffer of their own', () => {
      const source = new Uint8Array([1, 2, 3])
      const list = make([source, Buffer.from('abc').subarray(1)])
      source[0] = 9
      const first = list[0] as Buffer
      expect(first).to.be.instanceOf(Buffer)
      expect([...first]).to.deep.equal([1, 2, 3])
      first[0] = 7
      expect([...(list[0] as Buffer)]).to.deep.equal([1, 2, 3])
      expect(String(list[1])).to.equal('bc')
      list.close()
      expect([...first]).to.deep.equal([7, 2, 3])
    })

    it('that end in NUL are whole, at the edges of a slot too', () => {
      const texts = [1, 6, 7, 8, 9, 15, 16].flatMap((length) =>
        [1, 2, length].map((n) => 'x'.repeat(length - Math.min(n, length)) + '\0'.repeat(n)),
      )
      const list = make([...texts, ...texts.map((text) => Buffer.from(text))])
      expect([...list]).to.deep.equal([...texts, ...texts.map((text) => Buffer.from(text))])
      for (const [i, text] of texts.entries()) {
        list[i] = Buffer.from(text)
        expect(list[i]).to.deep.equal(Buffer.from(text))
        list[i] = 1
        list[i] = text
        expect(list[i]).to.equal(text)
      }
    })

    it('have the slots and formats of Python', () => {
      expect(formatOf('', 'x'.repeat(7), 'x'.repeat(8), 'x'.repeat(15), 'x'.repeat(16))).to.equal('8s8s16s16s24s')
      expect(formatOf(Buffer.alloc(0), Buffer.from('x'.repeat(8)))).to.equal('8s16s')
      expect(formatOf(1, 0.5, true, false, null)).to.equal('qdxxxxxxx?xxxxxxx?xxxxxx?x')
      expect(formatOf('€€€')).to.equal('16s') // 9 bytes
      expect(formatOf()).to.equal('')
    })
  })

  it('of nothing is an empty list, of a size that Python gives it', () => {
    for (const list of [make(null), make([]), make(new Set<number>())]) {
      expect([list.length, list.format, [...list], list.shm.size]).to.deep.equal([0, '', [], 16])
      for (const index of [0, -1, 1]) outOfRange(() => list[index], String(index))
      expect(list.count(1)).to.equal(0)
    }
  })

  describe('indices', () => {
    it('count from either end', () => {
      const list = make(['a', 'b', 'c'])
      for (let i = 0; i < 3; i++) {
        expect(list[i]).to.equal('abc'[i])
        expect(list[i - 3]).to.equal('abc'[i])
        expect([list.get(i), list.get(i - 3)]).to.deep.equal([list[i], list[i]])
      }
      list[-1] = 'z'
      list.set(-3, 'x')
      list[1] = 'y'
      expect([...list]).to.deep.equal(['x', 'y', 'z'])
      expect(list[-0]).to.equal('x')
      expect(list.get(-0)).to.equal('x')
    })

    it('as strings are the same keys, as JavaScript has it', () => {
      const list = make([1, 2])
      expect(Reflect.get(list, '1')).to.equal(2)
      expect(Reflect.get(list, '-1')).to.equal(2)
      expect(Reflect.set(list, '-2', 5)).to.equal(true)
      expect([...list]).to.deep.equal([5, 2])
    })
  })

  describe('set', () => {
    it('changes types, leaves the size of a slot, and keeps its neighbours', () => {
      const values = [null, true, 7, 0.5, 'seven', Buffer.from([1, 2]), -1, '\0', false, 2n ** 60n, '', Number.NaN]
      const list = make([1, 'middle of the list', 2])
      for (const value of values) {
        for (const index of [0, 1, 2]) {
          const expected: unknown[] = [...list]
          expected[index] = value
          list[index] = value
          expect([...list]).to.deep.equal(expected)
        }
      }
    })

    it('takes what fills the slot, also one wider than Python thinks', () => {
      const list = make(['x'.repeat(10), 5])
      for (const text of ['y'.repeat(16), '€'.repeat(5), '', `${'z'.repeat(15)}\0`]) {
        list[0] = text
        expect(list[0]).to.equal(text)
      }
      list[1] = '12345678'
      expect([...list]).to.deep.equal([`${'z'.repeat(15)}\0`, '12345678'])
    })

    it('leaves no older text behind a shorter one', () => {
      const list = make(['secret text'], uniqueName())
      list[0] = 'x'
      expect(readFileSync(shmPath(list.name as string)).includes('ecret')).to.equal(false)
      expect(list[0]).to.equal('x')
    })
  })

  describe('index and count', () => {
    it('compare numbers by value, bytes by content, all else with ===', () => {
      const list = make([1, 0.5, 'a', Buffer.from('a'), null, true, 1n, 2n ** 60n, '', Buffer.alloc(0), 'a'])
      const cases: [unknown, number, number][] = [
        [1, 0, 2],
        [1n, 0, 2],
        [0.5, 1, 1],
        ['a', 2, 2],
        [Buffer.from('a'), 3, 1],
        [new Uint8Array([97]), 3, 1],
        [null, 4, 1],
        [true, 5, 1],
        [2 ** 60, 7, 1],
        [2n ** 60n, 7, 1],
        ['', 8, 1],
        [new Uint8Array(0), 9, 1],
      ]
      for (const [value, index, count] of cases)
        expect([list.index(value as never), list.count(value as never)], inspect(value)).to.deep.equal([index, count])
    })

    it('find nothing of another type, and index throws then', () => {
      const list = make([1, 'a', Number.NaN, null])
      for (const value of ['1', true, 2, 2n, 'A', Number.NaN, Buffer.from('a'), false, 2n ** 70n, 2 ** 70]) {
        expect(list.count(value), inspect(value)).to.equal(0)
        outOfRange(() => list.index(value))
      }
    })

    it('do not mistake neighbours beyond 2 ** 53', () => {
      const list = make([2n ** 53n + 1n, 0.5])
      expect(list.count(2 ** 53)).to.equal(0)
      list[1] = 2 ** 53
      expect([list.count(2n ** 53n), list.count(2n ** 53n + 1n)]).to.deep.equal([1, 1])
    })
  })

  it('has its memory as shm: a SharedMemory of the same name', () => {
    const list = make([1, 2], uniqueName())
    expect(list.shm).to.be.instanceOf(SharedMemory)
    expect(list.shm).to.equal(list.shm)
    expect([list.shm.name, list.name]).to.deep.equal([list.name, list.name])
    expect(list.shm.size).to.equal(statSync(shmPath(list.name as string)).size)
    expect(list.shm.buf.readBigInt64LE()).to.equal(2n)
    list.shm.buf.writeBigInt64LE(77n, 8 + 3 * 8)
    expect(list[0]).to.equal(77)
    expect(make([1]).name).to.match(/^psm_[0-9a-f]{8}$/)
  })
})
