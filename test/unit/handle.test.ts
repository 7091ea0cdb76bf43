/** Handles: there and back, in this process and another; forged and stale ones. */
import type { ChildProcess } from 'node:child_process'
import { expect } from 'chai'
import { attach, Lock, RawArray, RawValue, RLock, Array as SharedArray, type SharedObject, struct, Value } from '../../lib/index.js'
import { elsewhere, refusedEverywhere } from '../fixtures/unit-handles.js'
import { answer, end, refused, removeNames, start, uniqueName } from '../fixtures/unit-helpers.js'
import type { Made } from '../fixtures/unit-maker.js'

const Point = struct('Point', { x: 'c_double', tags: ['c_char', 3], inner: struct('Inner', { flag: 'c_bool', n: ['c_short', 2] }) })
const point = { x: 1.5, tags: 'ab\0', inner: { flag: true, n: [3, -4] } }

describe('handles', () => {
  let child: ChildProcess
  before(() => {
    child = start('unit-echo')
  })
  after(() => end(child))
  afterEach(removeNames)

  const objects: [string, () => SharedObject, unknown][] = [
    ['a Value', () => Value('c_int', 7), 7],
    ['a RawValue', () => RawValue('c_long', 7), 7n],
    ['a c_bool', () => Value('c_bool', true), true],
    ['a struct', () => Value(Point, point), point],
    ['an Array', () => SharedArray('c_double', [1, 2]), [1, 2]],
    ['a RawArray', () => RawArray('c_ulong', [1n]), [1n]],
    ['an empty Array', () => SharedArray('c_int', []), []],
    ['a large Array', () => SharedArray('c_byte', new Int8Array(5000).fill(-3)), Array.from({ length: 5000 }, () => -3)],
    ['a text', () => SharedArray('c_char', 'text'), 'text'],
    ['an Array of c_bool', () => RawArray('c_bool', [true, false]), [true, false]],
    ['an Array of structs', () => SharedArray(Point, [point, point]), [point, point]],
    ['a named Value', () => Value('c_int', 7, { name: uniqueName() }), 7],
    ['a Value with a given lock', () => Value('c_int', 7, { lock: RLock() }), 7],
  ]
  for (const [what, make, content] of objects) {
    it(`of ${what} lead to it, as an object, as JSON, in another process, and onwards`, async () => {
      using object = make()
      const handle = object.toJSON()
      for (const each of [handle, JSON.stringify(handle), JSON.parse(JSON.stringify(object)), structuredClone(handle)]) {
        using attached = attach(each)
        expect(attached.toJSON()).to.deep.equal(handle)
        expect(Reflect.get(attached, 'type').format).to.equal(Reflect.get(object, 'type').format)
        expect(attached.constructor).to.equal(object.constructor)
      }
      expect((await elsewhere(child, { read: handle })).content).to.deep.equal(content)
      expect((await elsewhere(child, { read: JSON.stringify(handle) })).content).to.deep.equal(content)
    })
  }

  it('of locks keep their kind and policy', () => {
    for (const [lock, policy] of [
      [Lock(), undefined],
      [RLock(), undefined],
      [Lock({ onOwnerDied: 'throw' }), 'throw'],
    ] as const) {
      const attached = attach<typeof lock>(lock.toJSON())
      expect([attached.toJSON().kind, attached.toJSON().onOwnerDied]).to.deep.equal([lock.toJSON().kind, policy])
      lock.withLock(() => expect(attached.locked).to.equal(true))
      for (const each of [lock, attached]) each.close()
    }
  })

  it("of a Value's own lock lead to that lock", async () => {
    using value = Value('c_int', 7, { name: uniqueName() })
    using small = SharedArray('c_int', [1])
    for (const object of [value, small]) {
      using lock = attach<RLock>(JSON.stringify(object.getLock()))
      object.withLock(() => expect([lock.locked, lock.owner?.pid]).to.deep.equal([true, process.pid]))
      using guarded = Value('c_int', 5, { lock })
      expect((await elsewhere(child, { read: guarded.toJSON() })).content).to.equal(5)
      lock.close()
      expect(object.tryAcquire()).to.equal(true)
      object.release()
    }
  })

  it('are plain data, which tells what the object is', () => {
    using value = Value(Point, point)
    expect(value.toJSON()).to.include({ kind: 'Value', lock: 'RLock', length: 1 })
    expect(Object.getPrototypeOf(value.toJSON())).to.equal(Object.prototype)
  })

  describe('stale', () => {
    it('after close: ERR_STALE_HANDLE, also when others lie there by now', async () => {
      for (const make of [() => Value('c_int', 7), () => SharedArray('c_int', 3), () => RawArray('c_int', 5000), () => Lock()]) {
        const object = make()
        const handle = object.toJSON()
        object.close()
        await refusedEverywhere(child, handle, 'ERR_STALE_HANDLE')
        const next = Array.from({ length: 50 }, (): SharedObject => make())
        await refusedEverywhere(child, handle, 'ERR_STALE_HANDLE')
        for (const each of next) each.close()
      }
    })

    it('not while another process has the object, though its maker closed it', async () => {
      const value = Value('c_int', 7)
      const handle = value.toJSON()
      await elsewhere(child, { read: handle, keep: 1 })
      value.close()
      using again = attach<typeof value>(handle)
      expect(again.value).to.equal(7)
      again.close()
      await elsewhere(child, { close: 1 })
      await refusedEverywhere(child, handle, 'ERR_STALE_HANDLE')
    })

    it('when the process that made the object is gone; a named one is found by its name', async () => {
      const maker = start('unit-maker', [uniqueName()])
      const made = await answer<Made>(maker)
      using early = attach<Float64Array & SharedObject>(made.large)
      const exited = new Promise((resolve) => maker.once('exit', resolve))
      maker.send('exit')
      await exited
      early[9999] = 1.5
      expect((await elsewhere(child, { read: early.toJSON() })).content).to.have.property('9999', 1.5)
      for (const handle of [made.small, made.lock]) await refusedEverywhere(child, handle, 'ERR_STALE_HANDLE')
      const { error, content } = await elsewhere(child, { read: made.named })
      expect([error, content]).to.deep.equal([undefined, [1, 2, 3]])
    })

    it('when the lock that the object was given is gone', async () => {
      const lock = Lock()
      using value = Value('c_int', 7, { lock })
      const handle = value.toJSON()
      lock.close()
      await refusedEverywhere(child, handle, 'ERR_STALE_HANDLE')
      expect(value.value).to.equal(7)
    })

    it('of a closed object can not be made', () => {
      for (const object of [Value('c_int'), RawArray('c_int', 2), Lock()]) {
        object.close()
        refused(() => object.toJSON(), 'ERR_CLOSED')
      }
    })
  })
})
