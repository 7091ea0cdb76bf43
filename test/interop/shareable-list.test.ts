/** A CPython and this library at one ShareableList: written by one, read and changed by the other, in turn, byte for byte. */
import { deepStrictEqual } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { ShareableList } from '../../lib/index.js'
import { removeNames, shmPath, thrownBy, uniqueName } from '../fixtures/unit-helpers.js'
import { type Item, plainOf, someItem, someItems, strippedOf, type Wire, wireOf } from '../helpers/items.js'
import { carryOut, someChange, someSide } from '../helpers/list-changes.js'
import { changed, someChanges } from '../helpers/list-damage.js'
import { fitsPython, itemOf, ListModel } from '../helpers/list-model.js'
import { ListPair } from '../helpers/list-pair.js'
import { allPythons, defaultPython, type Partner, type Python, PythonError, startPartner } from '../helpers/python.js'
import { skipFor } from '../helpers/skip.js'

/** Gives how many times both sides and the bytes were compared. */
async function inTurns(partner: Partner, numRuns: number): Promise<number> {
  let rounds = 0
  await fc.assert(
    fc.asyncProperty(someSide, someItems, fc.array(someChange, { maxLength: 10, size: 'max' }), async (creator, all, changes) => {
      const pair = await ListPair.make(partner, creator, creator === 'us' ? all : all.filter(fitsPython))
      await pair.compare()
      for (const change of changes) {
        await carryOut(pair, change)
        await pair.compare()
      }
      rounds += 1 + changes.length
      await pair.end()
    }),
    { numRuns },
  )
  return rounds
}

function suite(python: Python | undefined, numRuns: number): void {
  let partner: Partner
  before(async function () {
    if (python !== undefined && /^3\.8\./.test(python.version))
      skipFor(this, `Python ${python.version} lays its lists out otherwise (sizes, not offsets), as no other Python reads them`)
    partner = startPartner(this, python)
    if (python !== undefined) expect((await partner.tell('version', {})).join('.')).to.equal(python.version)
  })
  after(() => partner?.end())
  afterEach(removeNames)

  it('written by one, changed by both in turn, compared at each step', async () => {
    const rounds = await inTurns(partner, numRuns)
    console.log(`      ${rounds} rounds`)
    expect(rounds).to.be.at.least(numRuns * 4)
  })

  it('any text that Python itself keeps whole is read as Python reads it; of what it cut, no more than a coded error', async () => {
    const someText = someItem.filter(({ kind }) => kind === 'str')
    await fc.assert(
      fc.asyncProperty(fc.array(someText, { maxLength: 20 }), async (items) => {
        const [key, name] = [partner.key(), uniqueName()]
        await partner.tell('list', { key, name, items: items.map(wireOf) })
        using list = new ShareableList(null, { name })
        const theirs = await partner.tell('items', { key })
        for (const [i, item] of items.entries()) {
          const right = wireOf(strippedOf(item)).join() === (theirs[i] as Wire).join()
          if (right) expect(list.get(i)).to.equal(plainOf(strippedOf(item)))
          else readOrCoded(list, i)
        }
        await partner.all(['unlink', { key }], ['forget', { key }])
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })

  it('damaged: where Python and we still read a value, it is the same', async () => {
    const name = uniqueName()
    let both = 0
    await fc.assert(
      fc.asyncProperty(fc.array(someItem, { minLength: 1, maxLength: 8 }), someChanges, async (items, changes) => {
        const sound = new ListModel(items.map(strippedOf), 'us').file()
        const bytes = changed(sound, changes)
        bytes.set(sound.subarray(0, 8)) // a length of billions takes Python long to refuse
        writeFileSync(shmPath(name), bytes)
        const key = partner.key()
        const [, theirs] = await partner.all(['list', { key, name }], ['items', { key }])
        if (!(theirs instanceof PythonError)) both += sameWhereRead(name, theirs as Wire[])
        await partner.all(['forget', { key }])
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    )
    expect(both).to.be.at.least(numRuns / 3)
  })
}

/** How many items both sides read, of a list that may be damaged. */
function sameWhereRead(name: string, theirs: readonly Wire[]): number {
  let list: ShareableList
  try {
    list = new ShareableList(null, { name })
  } catch (error) {
    expect(error).to.have.property('code', 'ERR_TYPE_MISMATCH')
    return 0
  }
  let both = 0
  for (const [i, [kind, text]] of theirs.entries()) {
    if (kind === 'error') continue
    const read = itemRead(list, i, kind)
    if (read === undefined) continue
    both++
    // Lengths that are exact keep their NULs; of NaNs there are many.
    if (read.kind === 'float' && Number.isNaN(read.value)) expect([kind, text.slice(1, 3)]).to.deep.equal(['float', 'ff'])
    else expect([wireOf(read), wireOf(strippedOf(read))], `item ${i}: ${theirs[i]}`).to.deep.include([kind, text])
  }
  list.close()
  return both
}

/** Undefined for what is refused as damaged. Whether a number was an int or a float only its kind there tells. */
function itemRead(list: ShareableList, index: number, kind: string): Item | undefined {
  try {
    const value = list.get(index)
    return itemOf(typeof value === 'number' && kind === 'int' ? BigInt(value) : value, { kind: 'float', value: 0 })
  } catch (error) {
    expect(error).to.have.property('code', 'ERR_TYPE_MISMATCH')
    return undefined
  }
}

function readOrCoded(list: ShareableList, index: number): void {
  let value: unknown
  try {
    value = list.get(index)
  } catch (error) {
    expect(error).to.have.property('code', 'ERR_TYPE_MISMATCH')
    return
  }
  expect(value).to.be.a('string')
}

describe('a ShareableList and Python', () => {
  describe(`the default, ${defaultPython?.version ?? 'missing'}`, () => {
    suite(defaultPython, 3000)

    describe('lists of one kind', () => {
      let partner: Partner
      before(function () {
        partner = startPartner(this)
      })
      after(() => partner?.end())
      afterEach(removeNames)

      /** The same list made by both has the same bytes. */
      async function sameBytes(values: ConstructorParameters<typeof ShareableList>[0], items: readonly Item[]): Promise<void> {
        const [key, name, other] = [partner.key(), uniqueName(), uniqueName()]
        const { size } = await partner.tell('list', { key, name: other, items: items.map(wireOf) })
        using list = new ShareableList(values, { name })
        expect(list.shm.size).to.equal(size)
        deepStrictEqual(readFileSync(shmPath(name)), readFileSync(shmPath(other)))
        deepStrictEqual(readFileSync(shmPath(name)), new ListModel(items, 'us').file())
        await partner.all(['unlink', { key }], ['forget', { key }])
      }

      it('an empty list, from an array, a generator, a Set', async () => {
        const none = function* (): Generator<never> {}
        for (const empty of [[], none(), new Set<number>(), new Float64Array(0)]) await sameBytes(empty, [])
      })

      it('a Float64Array or Float32Array: floats, whole ones too', async () => {
        const values = [0, -0, 1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63, 1e300]
        await sameBytes(
          new Float64Array(values),
          values.map((value) => ({ kind: 'float', value })),
        )
        const singles = new Float32Array([0, -0, 1, 0.1, 3e38])
        await sameBytes(
          singles,
          [...singles].map((value) => ({ kind: 'float', value })),
        )
      })

      it('integer arrays, a Set, a generator of texts', async () => {
        const ints = [0n, -1n, 5n]
        const asInts = ints.map((value): Item => ({ kind: 'int', value }))
        for (const make of [Int8Array, Int16Array, Int32Array]) await sameBytes(make.from([0, -1, 5]), asInts)
        await sameBytes(BigInt64Array.from(ints), asInts)
        await sameBytes(new Set([0, -1, 5n]), asInts)
        const texts = ['', 'a', '1234567', '12345678', '123456789012345', '1234567890123456']
        const each = function* () {
          yield* texts
        }
        await sameBytes(
          each(),
          texts.map((value) => ({ kind: 'str', value })),
        )
      })

      it('a long list, and texts of a megabyte', async () => {
        const many = Array.from({ length: 20_000 }, (_, i) => i)
        await sameBytes(
          many,
          many.map((i) => ({ kind: 'int', value: BigInt(i) })),
        )
        const long = 'x'.repeat(1_000_003)
        const bytes = Buffer.alloc(9_999_991, 7)
        await sameBytes(
          [1, long, bytes, true],
          [
            { kind: 'int', value: 1n },
            { kind: 'str', value: long },
            { kind: 'bytes', value: bytes },
            { kind: 'bool', value: true },
          ],
        )
      })

      it('ten million bytes: refused by both, with nothing left behind', async () => {
        const bytes = Buffer.alloc(10_000_000, 1)
        const name = uniqueName()
        // Its format, '10000008s', takes more than the 8 characters there are.
        const error = await partner.refusal('list', { key: partner.key(), name, items: [wireOf({ kind: 'bytes', value: bytes })] })
        expect(error.kind).to.equal('AssertionError')
        expect(thrownBy(() => new ShareableList([bytes], { name })).code).to.equal('ERR_OUT_OF_RANGE')
        expect(thrownBy(() => new ShareableList(null, { name })).code).to.equal('ENOENT')
      })

      it('counters: increments of both sides in turn', async () => {
        const [key, name] = [partner.key(), uniqueName()]
        using list = new ShareableList([0, 2 ** 53 - 1, 'x'], { name })
        await partner.tell('list', { key, name })
        for (let round = 1; round <= 50; round++) {
          list[0] = Number(list[0]) + 1
          list[1] = BigInt(list[1] as bigint) + 1n
          await partner.all(['increment', { key, index: 0, times: 3 }], ['increment', { key, index: 1, times: 1 }])
          expect(list[0]).to.equal(round * 4)
          expect(list[1]).to.equal(2n ** 53n - 1n + BigInt(round * 2))
        }
        await partner.tell('forget', { key })
        list.unlink()
      })
    })
  })

  for (const python of allPythons().filter(({ version }) => version !== defaultPython?.version)) {
    describe(python.version, () => suite(python, 100))
  }
})
