/** Arrays that no typed array fits: c_bool, c_char and structs. They index alike, and check. */
import { readFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, RawArray, Array as SharedArray, type SharedObject, struct } from '../../lib/index.js'
import { outOfRange, refused, removeNames, shmPath, uniqueName, wrongType } from '../fixtures/unit-helpers.js'

const Point = struct('Point', { x: 'c_int', y: 'c_double' })

/** What all of these arrays do, whatever their elements are. */
interface Checked extends SharedObject, Iterable<unknown> {
  readonly length: number
  [index: number]: unknown
  at(index: number): unknown
  fill(value: unknown, start?: number, end?: number): this
  set(source: Iterable<unknown>, offset?: number): void
  keys(): Iterable<number>
  values(): Iterable<unknown>
  entries(): Iterable<[number, unknown]>
}

interface Case {
  readonly title: string
  readonly type: 'c_bool'
  /** Four different enough elements. */
  readonly four: readonly unknown[]
  readonly zero: unknown
  readonly wrong: unknown
}
const cases: Case[] = [
  { title: 'c_bool', type: 'c_bool', four: [true, false, false, true], zero: false, wrong: 1 },
  { title: 'c_char', type: 'c_char' as 'c_bool', four: ['a', '\0', 'ÿ', '7'], zero: '\0', wrong: 97 },
  {
    title: 'structs',
    type: Point as unknown as 'c_bool',
    four: [1, 2, 3, 4].map((x) => ({ x, y: x / 2 })),
    zero: { x: 0, y: 0 },
    wrong: { x: 1 },
  },
]

/** Records as plain objects; scalars as they are. */
const plain = (value: unknown): unknown => (typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value)
const listed = (values: Iterable<unknown>): unknown[] => [...values].map(plain)

describe('Array of what is no number', () => {
  afterEach(removeNames)

  for (const { title, type, four, zero, wrong } of cases) {
    for (const raw of [false, true]) {
      const make = (initial: number | readonly unknown[]): Checked =>
        (raw ? RawArray(type, initial as number) : SharedArray(type, initial as number)) as unknown as Checked

      describe(`${raw ? 'RawArray' : 'Array'} of ${title}`, () => {
        it('has a length and is zero at first', () => {
          using array = make(3)
          expect([array.length, listed(array)]).to.deep.equal([3, [zero, zero, zero]])
          using none = make(0)
          expect([none.length, listed(none)]).to.deep.equal([0, []])
        })

        it('takes an iterable', () => {
          using array = make(four)
          expect([array.length, listed(array)]).to.deep.equal([4, four])
        })

        it('reads and writes by index, seen by every object for the same memory', () => {
          using array = make(4)
          using other = attach<Checked>(array.toJSON())
          for (const [i, each] of four.entries()) array[i] = each
          expect(four.map((_, i) => plain(other[i]))).to.deep.equal(four)
        })

        it('throws a RangeError at an index outside, negative or fractional', () => {
          using array = make(four)
          for (const index of [-1, 4, 1.5, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY]) {
            outOfRange(() => array[index], '`index`', '0 to 3', String(index))
            outOfRange(() => (array[index] = four[0]), '`index`')
          }
          using none = make(0)
          outOfRange(() => none[0], '`index`')
          expect(listed(array)).to.deep.equal(four)
        })

        it('knows which indices it has', () => {
          using array = make(four)
          expect([0 in array, 3 in array, 4 in array, (-1) in array, 'length' in array]).to.deep.equal([true, true, false, false, true])
        })

        it('iterates by values, keys and entries', () => {
          using array = make(four)
          expect(listed(array.values())).to.deep.equal(four)
          expect([...array.keys()]).to.deep.equal([0, 1, 2, 3])
          expect([...array.entries()].map(([i, each]) => [i, plain(each)])).to.deep.equal([...four.entries()])
        })

        it('has at, from either end, undefined outside', () => {
          using array = make(four)
          expect([0, -1, 3, -4].map((i) => plain(array.at(i)))).to.deep.equal([four[0], four[3], four[3], four[0]])
          expect([array.at(4), array.at(-5)]).to.deep.equal([undefined, undefined])
        })

        it('fills all, a range, a range from the end', () => {
          using array = make(4)
          expect(array.fill(four[0])).to.equal(array)
          expect(listed(array)).to.deep.equal([0, 1, 2, 3].map(() => four[0]))
          array.fill(four[1], 1, 3).fill(four[2], -1)
          expect(listed(array)).to.deep.equal([four[0], four[1], four[1], four[2]])
          array.fill(four[3], 3, 1).fill(four[3], 9)
          expect(listed(array)).to.deep.equal([four[0], four[1], four[1], four[2]])
          array.fill(four[3], Number.NaN, 1.9).fill(four[2], Number.NEGATIVE_INFINITY, 0.5)
          expect(listed(array)).to.deep.equal([four[3], four[1], four[1], four[2]])
        })

        it('sets several, all or none', () => {
          using array = make(four)
          array.set([four[3], four[2]], 1)
          expect(listed(array)).to.deep.equal([four[0], four[3], four[2], four[3]])
          wrongType(() => array.set([four[1], wrong]), 'source[1]')
          outOfRange(() => array.set(four, 1), '3')
          outOfRange(() => array.set([four[1]], 4))
          for (const offset of [-1, 0.5, Number.NaN]) outOfRange(() => array.set([], offset), '`offset`')
          for (const source of [5, null, undefined, {}]) wrongType(() => array.set(source as never), '`source`')
          expect(listed(array)).to.deep.equal([four[0], four[3], four[2], four[3]])
        })

        it('refuses elements of another type and stays as it was', () => {
          using array = make(four)
          for (const bad of [wrong, null, undefined, Symbol('x'), 5n]) {
            wrongType(() => (array[2] = bad))
            wrongType(() => array.fill(bad))
            wrongType(() => make([four[0], bad]), 'initial[1]')
          }
          expect(listed(array)).to.deep.equal(four)
        })

        it('throws ERR_CLOSED at any use after close', () => {
          const array = make(four)
          array.close()
          array.close()
          const uses = [
            () => array[0],
            () => (array[0] = four[0]),
            () => array.at(0),
            () => array.fill(four[0]),
            () => array.set(four),
            () => [...array],
            () => [...array.entries()],
            () => array.toJSON(),
          ]
          for (const use of uses) refused(use, 'ERR_CLOSED', Error, 'closed')
        })

        it('shows type, length and content', () => {
          using array = make(four)
          expect(inspect(array)).to.match(/Array<(c_bool|c_char|Point)>\(4\)/)
          expect(JSON.parse(JSON.stringify(array))).to.deep.equal(array.toJSON())
        })
      })
    }
  }

  it('a record of a struct array is live', () => {
    using array = SharedArray(Point, 2)
    const [, second] = array
    if (second === undefined) throw new Error('two elements')
    second.x += 5
    ;(array[1] as typeof second).x += 1
    expect([array[0]?.x, array[1]?.x, second.toJSON?.()]).to.deep.equal([0, 6, { x: 6, y: 0 }])
  })

  it('a byte that C wrote is true if it is not 0', () => {
    const name = uniqueName()
    using array = RawArray('c_bool', 3, { name })
    const file = readFileSync(shmPath(name))
    file.set([2, 0, 255], Number(file.readBigUInt64LE(80)))
    writeFileSync(shmPath(name), file, { flag: 'r+' })
    expect([...array]).to.deep.equal([true, false, true])
  })

  describe('c_char', () => {
    it('takes a text: its bytes in UTF-8', () => {
      using array = SharedArray('c_char', 'héllo')
      expect([array.length, array.value, array.raw.toString()]).to.deep.equal([6, 'héllo', 'héllo'])
      using none = RawArray('c', '')
      expect([none.length, none.value, none.raw.length]).to.deep.equal([0, '', 0])
      wrongType(() => SharedArray('c_bool', 'yes' as never), '`initial`', "'yes'")
    })

    it('value is the text up to the first NUL', () => {
      using array = RawArray('c_char', 8)
      expect(array.value).to.equal('')
      array.value = 'abc'
      expect([...array.raw]).to.deep.equal([97, 98, 99, 0, 0, 0, 0, 0])
      array.value = 'eight by'
      expect(array.value).to.equal('eight by')
      array.value = 'x'
      expect([array.value, array[1], array[2]]).to.deep.equal(['x', '\0', 'g'])
      array.value = 'a\0b'
      expect([array.value, array[2]]).to.deep.equal(['a', 'b'])
    })

    it('value refuses a text that is too long in UTF-8, and what is no text; nothing changes', () => {
      using array = RawArray('c_char', 'four')
      outOfRange(() => (array.value = 'fives'), '`value`', '4', '5')
      outOfRange(() => (array.value = 'ééé'), '`value`', '6')
      for (const bad of [5, null, undefined, ['a'], Buffer.from('a')]) wrongType(() => (array.value = bad as never), '`value`')
      expect(array.value).to.equal('four')
      array.value = '€1'
      expect([array.value, array[3]]).to.deep.equal(['€1', '1'])
    })

    it('raw is all bytes, live, until closed', () => {
      const array = RawArray('c_char', 4)
      const { raw } = array
      expect(raw).to.be.instanceOf(Buffer)
      array[1] = 'é'
      raw.writeUInt8(0x41, 2)
      expect([raw[1], array[2], raw.buffer.byteLength]).to.deep.equal([0xe9, 'A', 4])
      array.close()
      expect(raw.length).to.equal(0)
      for (const use of [() => array.raw, () => array.value, () => (array.value = 'a')]) refused(use, 'ERR_CLOSED')
    })
  })
})
