/** copy, synchronized and the lock option. */
import { expect } from 'chai'
import {
  attach,
  copy,
  Lock,
  type LockLike,
  RawArray,
  RawValue,
  RLock,
  Array as SharedArray,
  type SharedObject,
  struct,
  synchronized,
  Value,
} from '../../lib/index.js'
import { refused, rejectionOf, removeNames, thrownBy, uniqueName, wrongType } from '../fixtures/unit-helpers.js'

const Point = struct('Point', { x: 'c_double', tags: ['c_char', 3] })

/** A lock that writes down what happens to it. */
function recorder(): LockLike & { readonly log: string[] } {
  const log: string[] = []
  return { log, acquire: () => log.push('acquire'), release: () => log.push('release') }
}

describe('copy', () => {
  afterEach(removeNames)

  const originals: [string, () => SharedObject, (object: never) => unknown, (object: never) => void][] = [
    ['a Value', () => Value('c_int', 7), (v: { value: number }) => v.value, (v: { value: number }) => (v.value = 8)],
    ['a RawValue', () => RawValue('c_long', -7), (v: { value: bigint }) => v.value, (v: { value: bigint }) => (v.value = 8n)],
    ['a c_bool Value', () => Value('c_bool', true), (v: { value: boolean }) => v.value, (v: { value: boolean }) => (v.value = false)],
    [
      'a struct Value',
      () => Value(Point, { x: 1, tags: 'ab' }),
      (v: { value: { toJSON(): unknown } }) => v.value.toJSON(),
      (v: { value: { x: number } }) => (v.value.x = 8),
    ],
    ['an Array', () => SharedArray('c_double', [1, 2]), (a: Float64Array) => [...a], (a: Float64Array) => a.fill(8)],
    ['a large RawArray', () => RawArray('c_int', 5000), (a: Int32Array) => [a.length, a[4999]], (a: Int32Array) => a.fill(8)],
    ['an empty Array', () => SharedArray('c_int', 0), (a: Int32Array) => [...a], () => {}],
    ['a text', () => SharedArray('c_char', 'text'), (a: { value: string }) => a.value, (a: { value: string }) => (a.value = 'more')],
    [
      'a struct Array',
      () => SharedArray(Point, [{ x: 1, tags: 'ab' }]),
      (a: Iterable<{ toJSON(): unknown }>) => [...a].map((each) => each.toJSON()),
      (a: { x: number }[]) => Object.assign(a[0] ?? {}, { x: 9 }),
    ],
    [
      'a named Value',
      () => Value('c_int', 7, { name: uniqueName() }),
      (v: { value: number }) => v.value,
      (v: { value: number }) => (v.value = 8),
    ],
  ]
  for (const [what, make, read, change] of originals) {
    it(`of ${what} is raw, of the same type and content, in memory of its own`, () => {
      using original = make()
      const before = read(original as never)
      using copied = copy(original)
      expect(read(copied as never)).to.deep.equal(before)
      expect(Reflect.get(copied, 'type')).to.equal(Reflect.get(original, 'type'))
      expect(copied.name).to.equal(undefined)
      for (const member of ['getLock', 'acquire', 'withLock', 'getObj']) expect(copied).to.not.have.property(member)
      expect(copied.toJSON().lock).to.equal('none')
      change(copied as never)
      expect(read(original as never)).to.deep.equal(before)
    })
  }

  it('is made under the lock, whichever lock that is', () => {
    const lock = recorder()
    using value = Value('c_int', 1, { lock })
    copy(value).close()
    expect(lock.log).to.deep.equal(['acquire', 'release'])
    using own = Value('c_int', 1)
    own.withLock(() => copy(own).close())
    using strict = Lock()
    using guarded = Value('c_int', 1, { lock: strict })
    guarded.withLock(() => refused(() => copy(guarded), 'ERR_DEADLOCK'))
    expect(strict.locked).to.equal(false)
  })

  it('refuses what is no Value or Array, and what is closed', () => {
    using lock = Lock()
    for (const bad of [lock, 5, null, undefined, {}, new Int32Array(3), 'x']) wrongType(() => copy(bad as never), '`obj`')
    const [value, array] = [Value('c_int'), RawArray('c_int', 2)]
    value.close()
    array.close()
    for (const closed of [value, array]) refused(() => copy(closed as SharedObject), 'ERR_CLOSED')
  })
})

describe('synchronized', () => {
  it('gives the same object with a new RLock', () => {
    using raw = RawValue('c_int', 1)
    using value = synchronized(raw)
    value.withLock(() => value.withLock(() => (value.value += 1)))
    expect([raw.value, value.getObj().value]).to.deep.equal([2, 2])
    expect(value.getLock()).to.equal(value.getLock())
    expect(raw).to.not.have.property('acquire')
  })

  it('of an array is a typed array still, over the same elements', () => {
    using raw = RawArray('c_int', [1, 2])
    using array = synchronized(raw)
    expect(array).to.be.instanceOf(Int32Array)
    array[0] = 5
    expect([...raw]).to.deep.equal([5, 2])
  })

  it('of a struct array and a text', () => {
    using points = synchronized(RawArray(Point, 2))
    points.withLock(() => points.fill({ x: 2, tags: 'xyz' }))
    expect(points.getObj()[1]?.x).to.equal(2)
    using text = synchronized(RawArray('c_char', 'abc'))
    expect(text.withLock(() => text.value)).to.equal('abc')
  })

  it('takes a lock of ours, or any object with acquire and release', () => {
    using lock = Lock()
    using first = synchronized(RawValue('c_int'), lock)
    using second = synchronized(RawArray('c_int', 1), lock)
    expect(first.getLock()).to.equal(lock)
    first.withLock(() => expect(second.tryAcquire()).to.equal(false))
    const own = recorder()
    using third = synchronized(RawValue('c_int'), own)
    third.withLock(() => {})
    expect(own.log).to.deep.equal(['acquire', 'release'])
  })

  it('refuses what has a lock already, what is no Value or Array, and locks that are none', () => {
    using value = Value('c_int')
    using array = SharedArray('c_int', 1)
    using raw = RawValue('c_int')
    using lock = Lock()
    for (const bad of [value, array]) wrongType(() => synchronized(bad as never), '`rawObj`', 'has a lock already')
    for (const bad of [lock, null, undefined, 5, {}]) wrongType(() => synchronized(bad as never), '`rawObj`')
    for (const bad of [true, false, 5, 'lock', {}, { acquire() {} }]) wrongType(() => synchronized(raw, bad as never), '`lock`')
  })

  it('refuses a closed object', () => {
    const raw = RawValue('c_int')
    raw.close()
    refused(() => synchronized(raw), 'ERR_CLOSED')
  })
})

describe('the lock option', () => {
  it('true, and none, is an RLock of its own', () => {
    for (const value of [
      Value('c_int'),
      Value('c_int', 0, {}),
      Value('c_int', 0, { lock: true }),
      SharedArray('c_int', 1, { lock: true }),
    ]) {
      const lock = value.getLock()
      expect(lock).to.equal(value.getLock())
      value.acquire()
      expect([value.acquire(), lock.locked, lock.owner?.pid]).to.deep.equal([true, true, process.pid])
      value.release()
      value.release()
      expect(lock.locked).to.equal(false)
      value.close()
    }
  })

  it('false is none, and no methods of one', () => {
    for (const value of [
      Value('c_int', 0, { lock: false }),
      SharedArray('c_int', 1, { lock: false }),
      SharedArray(Point, 1, { lock: false }),
    ]) {
      for (const member of ['getLock', 'getObj', 'acquire', 'tryAcquire', 'acquireAsync', 'release', 'withLock', 'withLockAsync', 'hold'])
        expect(value).to.not.have.property(member)
      expect(value.toJSON().lock).to.equal('none')
      value.close()
    }
  })

  it('a Lock or RLock is shared by all that are given it, also through a handle', () => {
    for (const lock of [Lock(), RLock()]) {
      const value = Value('c_int', 0, { lock })
      const array = SharedArray('c_bool', 2, { lock })
      expect([value.getLock(), array.getLock()]).to.deep.equal([lock, lock])
      const attached = attach<typeof value>(JSON.stringify(value))
      array.acquire()
      expect([attached.getLock().locked, attached.getLock().owner?.pid]).to.deep.equal([true, process.pid])
      array.release()
      expect(attached.withLock(() => lock.locked)).to.equal(true)
      for (const each of [attached.getLock(), attached, value, array, lock]) each.close()
    }
  })

  it("any object's acquire and release are used", async () => {
    const lock = recorder()
    using value = Value('c_int', 1, { lock })
    value.acquire()
    value.release()
    expect(value.withLock(() => lock.log.length)).to.equal(3)
    expect(
      thrownBy(() =>
        value.withLock(() => {
          throw Object.assign(new Error('mine'), { code: 'MINE' })
        }),
      ).code,
    ).to.equal('MINE')
    expect(await value.withLockAsync(async () => 5)).to.equal(5)
    expect(lock.log.length).to.equal(8)
    expect(value.getLock()).to.equal(lock)
    for (const method of ['tryAcquire', 'hold'] as const) wrongType(() => value[method](), method)
    expect((await rejectionOf((async () => value.acquireAsync())())).code).to.equal('ERR_INVALID_ARG_TYPE')
  })

  it('an object of the program alone can not be handed over', () => {
    using value = Value('c_int', 1, { lock: recorder() })
    wrongType(() => value.toJSON(), 'lock')
  })

  it('an asynchronous function is refused by withLock, which lets go first', () => {
    using value = Value('c_int', 1)
    wrongType(() => value.withLock(async () => {}), 'withLockAsync')
    expect(value.getLock().locked).to.equal(false)
    const lock = recorder()
    using other = Value('c_int', 1, { lock })
    wrongType(() => other.withLock(async () => {}), 'withLockAsync')
    expect(lock.log).to.deep.equal(['acquire', 'release'])
  })

  it('getObj is the same object without the lock', () => {
    using value = Value('c_int', 1)
    const raw = value.getObj()
    raw.value = 5
    expect([value.value, raw.type]).to.deep.equal([5, value.type])
    expect(raw).to.not.have.property('acquire')
    using array = SharedArray('c_short', [1, 2])
    const elements = array.getObj()
    elements[1] = 9
    expect([...array]).to.deep.equal([1, 9])
    expect(elements).to.not.have.property('acquire')
  })
})
