/** The end of a Value: close, twice, by `using`, and any use afterwards. */
import { expect } from 'chai'
import { Lock, RawValue, Value } from '../../lib/index.js'
import { refused, rejectionOf, thrownBy } from '../fixtures/unit-helpers.js'
import { integers, integerValue, native } from '../fixtures/unit-types.js'

describe('a closed Value', () => {
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
