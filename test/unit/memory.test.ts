/** Memory: what is given back, and what stays as long as anyone uses it. */
import type { ChildProcess } from 'node:child_process'
import { expect } from 'chai'
import { attach, Lock, RawArray, RawValue, Array as SharedArray, type SharedObject, Value } from '../../lib/index.js'
import type { Answer, Question } from '../fixtures/unit-echo.js'
import type { Found } from '../fixtures/unit-gc.js'
import { ask, descriptors, end, removeNames, sharedBytes, start } from '../fixtures/unit-helpers.js'

describe('memory', () => {
  afterEach(removeNames)

  describe('made and closed again and again', () => {
    const rounds: [string, number, () => SharedObject][] = [
      ['Values', 200_000, () => Value('c_int', 1)],
      ['RawValues', 50_000, () => RawValue('c_double', 1)],
      ['Locks', 50_000, () => Lock()],
      ['small Arrays', 20_000, () => SharedArray('c_double', 100)],
      ['large Arrays', 2_000, () => SharedArray('c_double', 1000)],
      ['empty Arrays', 20_000, () => RawArray('c_int', 0)],
    ]
    for (const [what, count, make] of rounds) {
      it(`${count} ${what} take no more than one`, () => {
        make().close()
        const before = [descriptors().length, sharedBytes()]
        for (let i = 0; i < count; i++) make().close()
        expect([descriptors().length, sharedBytes()]).to.deep.equal(before)
      })
    }

    it('their bytes are zero again', () => {
      for (let i = 0; i < 1000; i++) {
        using array = RawArray('c_int', 16)
        expect([...new Set(array)]).to.deep.equal([0])
        array.fill(-1)
        using value = Value('c_long')
        expect(value.value).to.equal(0n)
        value.value = -1n
      }
    })

    it('10,000 Values at once take under 4 MiB and 8 descriptors', () => {
      const before = [descriptors().length, sharedBytes()] as const
      const values = Array.from({ length: 10_000 }, (_, i) => Value('c_int', i))
      expect(values.every(({ value }, i) => value === i)).to.equal(true)
      expect(sharedBytes() - before[1]).to.be.below(4 * 2 ** 20)
      expect(descriptors().length - before[0]).to.be.below(8)
      for (const value of values) value.close()
    })
  })

  it('dropped without close is reclaimed by the garbage collector, and not before', async () => {
    using large = SharedArray('c_double', 10_000)
    const child = start('unit-gc', [], ['--expose-gc'])
    const { sizes, ...rest } = await ask<Found>(child, large.toJSON())
    await end(child)
    const [early = 0, late = 0] = sizes
    expect(late).to.be.at.most(early)
    expect(rest).to.deep.equal({ segments: true, views: true, locks: true, kept: [], reads: true })
  })

  describe('used by two processes', () => {
    let child: ChildProcess
    beforeEach(() => {
      child = start('unit-echo')
    })
    afterEach(() => end(child))

    /** Where objects of this size lie, as far as that can be seen. */
    const placeOf = (object: SharedObject): string => `${object.toJSON().segment.id}+${object.toJSON().offset}`
    const keepAll = (values: readonly SharedObject[]): Promise<Answer[]> =>
      ask(
        child,
        values.map((value, keep): Question => ({ read: value.toJSON(), keep })),
      )

    it('is not used again while the other has it open, and is when it closed it', async () => {
      const places = new Set<string>()
      for (let round = 0; round < 20; round++) {
        // 448 bytes: no other test makes objects of this size, whose free places would be taken first.
        const arrays = Array.from({ length: 300 }, (_, i) => RawArray('c_int', new Int32Array(112).fill(i)))
        for (const array of arrays) places.add(placeOf(array))
        const open = new Set(arrays.map(placeOf))
        await keepAll(arrays)
        for (const array of arrays) array.close()
        const others = arrays.map(() => RawArray('c_int', 112).fill(-1))
        for (const other of others) places.add(placeOf(other))
        expect(others.filter((other) => open.has(placeOf(other))).length).to.equal(0)
        const looked = await ask<Answer[]>(
          child,
          arrays.map((_, look): Question => ({ look })),
        )
        expect(looked.map(({ content }) => new Set(content as number[]))).to.deep.equal(arrays.map((_, i) => new Set([i])))
        await ask(
          child,
          arrays.map((_, close): Question => ({ close })),
        )
        for (const other of others) other.close()
      }
      expect(places.size).to.be.at.most(5 * 300)
    })

    it('is used again when the other was killed with it open', async () => {
      const places = new Set<string>()
      for (let round = 0; round < 5; round++) {
        const arrays = Array.from({ length: 300 }, () => RawArray('c_int', 128))
        for (const array of arrays) places.add(placeOf(array))
        await keepAll(arrays)
        for (const array of arrays) array.close()
        await end(child)
        child = start('unit-echo')
      }
      expect(places.size).to.be.at.most(2 * 300)
    })

    it('leaves nothing open in the other when it closed all', async () => {
      const values = Array.from({ length: 1000 }, (_, i) => Value('c_int', i))
      const large = Array.from({ length: 20 }, () => RawArray('c_double', 1000))
      const all: SharedObject[] = [...values, ...large]
      const [before] = await ask<Answer[]>(child, [{}])
      const during = await keepAll(all)
      expect(during.at(-1)?.open).to.be.above(20)
      const after = await ask<Answer[]>(
        child,
        all.map((_, close): Question => ({ close })),
      )
      expect(after.at(-1)).to.include({ open: before?.open, bytes: before?.bytes })
      for (const each of all) each.close()
    })

    it('is mapped once for many objects, and works when attached again', async () => {
      const value = Value('c_int', 1)
      for (let i = 0; i < 100; i++) {
        using first = attach<typeof value>(value.toJSON())
        using second = attach<typeof value>(value.toJSON())
        first.value += 1
        second.value += 1
      }
      expect(value.value).to.equal(201)
      const [answer] = await ask<Answer[]>(
        child,
        Array.from({ length: 100 }, (): Question => ({ read: value.toJSON(), write: 5 })),
      )
      expect([answer?.content, value.value]).to.deep.equal([201, 5])
      value.close()
    })
  })
})
