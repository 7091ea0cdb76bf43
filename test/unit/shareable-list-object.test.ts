/** ShareableList as an object: iteration, keys, inspection, its end. Items and indices: shareable-list.test.ts. */
import { existsSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, ShareableList } from '../../lib/index.js'
import { refused, removeNames, shmPath, thrownBy, uniqueName } from '../fixtures/unit-helpers.js'

type Items = ConstructorParameters<typeof ShareableList>[0]

describe('ShareableList as an object', () => {
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

  describe('is like a list', () => {
    it('in for-of, spread, destructuring, Array.from, Array methods', () => {
      const list = make([1, 'a', null])
      const seen: unknown[] = []
      for (const item of list) seen.push(item)
      const [first, ...rest] = list
      expect([seen, [...list], Array.from(list), [first, ...rest]]).to.deep.equal(Array.from({ length: 4 }, () => [1, 'a', null]))
      expect(Array.from(list, String)).to.deep.equal(['1', 'a', 'null'])
      expect([Array.prototype.join.call(list, '-'), Array.prototype.includes.call(list, 'a')]).to.deep.equal(['1-a-', true])
      expect(new Set(list).has('a')).to.equal(true)
    })

    it('whose iteration sees changes that are made meanwhile', () => {
      const list = make([1, 2, 3])
      const iterator = list[Symbol.iterator]()
      iterator.next()
      list[1] = 'new'
      expect(iterator.next().value).to.equal('new')
    })

    it('for `in`: what it has, but no index', () => {
      const list = make([1, 2, 3])
      // A Proxy of its own for each list could tell which indices there are, and would make all else slower.
      expect([0 in list, 3 in list, 100 in list, (-4) in list]).to.deep.equal([false, false, false, false])
      expect(['length' in list, 'get' in list, 'nothing' in list, Symbol.iterator in list]).to.deep.equal([true, true, false, true])
    })

    it('for keys that are no index', async () => {
      const list = make([1, 2])
      const loose = list as unknown as Record<string | symbol, unknown>
      for (const key of ['x', 'then', '', ' 1', '01', '+1', '1e0', '0x1', '-0', '__proto_', Symbol('x')])
        expect(loose[key], String(key)).to.equal(undefined)
      expect(await list).to.equal(list)
      expect(list).to.be.instanceOf(ShareableList)
      expect(list.constructor).to.equal(ShareableList)
    })

    it('whose other properties are refused or kept, and never become items', () => {
      const list = make([1, 2])
      const loose = list as unknown as Record<string, unknown>
      let kept = true
      try {
        loose.foo = 1
      } catch (error) {
        expect(error).to.be.instanceOf(TypeError)
        kept = false
      }
      expect(loose.foo).to.equal(kept ? 1 : undefined)
      expect([...list]).to.deep.equal([1, 2])
      for (const member of ['length', 'format', 'shm', 'name']) {
        expect(() => {
          loose[member] = 5
        }, member).to.throw(TypeError)
      }
      expect(list.length).to.equal(2)
    })

    it('for Object.keys, entries, spread into an object, delete and freeze: no broken invariants', () => {
      const list = make([1, 'a'])
      expect(Object.keys(list).filter((key) => !/^[01]$/.test(key))).to.deep.equal([])
      expect(Object.entries(list).every(([key, value]) => value === list[Number(key)])).to.equal(true)
      expect(Object.keys({ ...list })).to.deep.equal(Object.keys(list))
      for (const key of Reflect.ownKeys(list)) Object.getOwnPropertyDescriptor(list, key)
      for (const key of ['0', '1', '2', '-1', 'x']) Object.getOwnPropertyDescriptor(list, key)
      Reflect.deleteProperty(list, '0')
      try {
        Object.freeze(list)
      } catch (error) {
        expect(error).to.be.instanceOf(TypeError)
      }
      expect([...list]).to.deep.equal([1, 'a'])
    })

    it('of a class of the user', () => {
      class Mine extends ShareableList {
        get sum(): number {
          return [...this].reduce<number>((sum, item) => sum + Number(item), 0)
        }
      }
      const list = new Mine([1, 2])
      made.push(list)
      expect([list.sum, list[-1], list.length]).to.deep.equal([3, 2, 2])
      expect(list).to.be.instanceOf(Mine)
    })
  })

  it('shows its type, name and items; many of them in short; and that it is closed', () => {
    const list = make([1, 'a', null, 0.5, Buffer.from('b')], uniqueName())
    expect(inspect(list))
      .to.match(/^ShareableList/)
      .and.include(list.name as string)
    expect(inspect(list)).to.match(/1,\s+'a',\s+null,\s+0\.5,\s+<Buffer 62>/)
    expect(inspect({ deep: { deeper: { list } } }, { depth: 0 })).to.be.a('string')
    expect(inspect(make(new Int32Array(100_000))).length).to.be.below(3000)
    expect(inspect(make(['x'.repeat(100_000)])).length).to.be.below(30_000)
    list.close()
    expect(inspect(list)).to.match(/^ShareableList.*closed/)
  })

  describe('close', () => {
    it('ends all use; name and unlink stay', () => {
      const list = make([1, 'a'], uniqueName())
      const other = make(null, list.name)
      const iterator = list[Symbol.iterator]()
      const { shm } = list
      list.close()
      list.close()
      list[Symbol.dispose]()
      const uses: (() => unknown)[] = [
        () => list[0],
        () => list[-1],
        () => {
          list[0] = 1
        },
        () => list.get(0),
        () => list.set(0, 1),
        () => list.index(1),
        () => list.count(1),
        () => list.format,
        () => [...list],
        () => iterator.next(),
        () => list.toJSON(),
        () => JSON.stringify(list),
        () => shm.buf,
      ]
      for (const use of uses) refused(use, 'ERR_CLOSED', Error)
      // Also for indices and values that would be refused otherwise: there is no list to be outside of.
      for (const use of [() => list[5], () => list.get(5), () => list.set(0, '\ud800')])
        expect(thrownBy(use).code).to.be.oneOf(['ERR_CLOSED', 'ERR_OUT_OF_RANGE'])
      expect(list.name).to.equal(other.name)
      expect([...other]).to.deep.equal([1, 'a'])
      list.unlink()
      refused(() => other.unlink(), 'ENOENT')
      expect([...other]).to.deep.equal([1, 'a'])
    })

    it('comes with the end of a `using` block', () => {
      let kept: ShareableList
      {
        using list = new ShareableList([1], { name: uniqueName() })
        kept = list
      }
      refused(() => kept[0], 'ERR_CLOSED')
    })

    it('of its shm closes the list', () => {
      const list = make([1], uniqueName())
      list.shm.close()
      refused(() => list[0], 'ERR_CLOSED')
      list.close()
    })
  })

  it('as JSON is its handle', () => {
    const list = make([1, 'a'])
    expect(JSON.parse(JSON.stringify(list))).to.deep.equal(list.toJSON())
    using again = attach<ShareableList>(JSON.stringify(list))
    again[0] = 2
    expect([...list]).to.deep.equal([2, 'a'])
  })
})
