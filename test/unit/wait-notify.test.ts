/** wait, waitAsync and notify of integer Values and Arrays. How waits end otherwise is in process/waits.test.ts. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, RawArray, RawValue, Array as SharedArray, synchronized, Value } from '../../lib/index.js'
import { outOfRange, refused, uniqueName, wrongType } from '../fixtures/unit-helpers.js'
import { Actor } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'
import { codeRejected, rejected } from '../helpers/errors.js'

/** Whatever has the three methods: an Array with its index filled in, too. */
interface Waiting {
  wait(expected: number, timeout?: number): string
  waitAsync(expected: number, options?: { timeout?: number; signal?: AbortSignal }): Promise<string>
  notify(count?: number): number
  store(value: number): void
}

const INDEX = 2

const kinds: Record<string, (type: 'c_int' | 'c_uint', initial: number) => Waiting & { close(): void }> = {
  Value: (type, initial) => Value(type, initial),
  RawValue: (type, initial) => RawValue(type, initial),
  Array: (type, initial) => ofArray(SharedArray(type, 5), initial),
  RawArray: (type, initial) => ofArray(RawArray(type, 5), initial),
}

function ofArray(array: RawArray<'c_int'> | RawArray<'c_uint'>, initial: number): Waiting & { close(): void } {
  array[INDEX] = initial
  return {
    wait: (expected, timeout) => array.wait(INDEX, expected, timeout),
    waitAsync: (expected, options) => array.waitAsync(INDEX, expected, options),
    notify: (count) => array.notify(INDEX, count),
    store: (value) => Atomics.store(array as unknown as Int32Array, INDEX, value),
    close: () => array.close(),
  }
}

for (const [title, make] of Object.entries(kinds)) {
  describe(`wait and notify of a ${title}`, () => {
    it('does not wait for what is not there', async () => {
      const object = make('c_int', 5)
      for (const timeout of [undefined, 0, 5]) {
        expect(object.wait(4, timeout)).to.equal('not-equal')
        expect(await object.waitAsync(4, timeout === undefined ? undefined : { timeout })).to.equal('not-equal')
      }
      expect(object.notify()).to.equal(0)
      object.close()
    })

    it('waits while the value is as expected, and no longer than told', async () => {
      const object = make('c_int', 5)
      for (const timeout of [0, 0.5, 5]) {
        expect(object.wait(5, timeout)).to.equal('timed-out')
        expect(await object.waitAsync(5, { timeout })).to.equal('timed-out')
      }
      object.close()
    })

    it('is woken by notify, not by a change', async () => {
      const object = make('c_int', 5)
      let over = false
      const wait = object.waitAsync(5).then((outcome) => {
        over = true
        return outcome
      })
      object.store(6)
      await idle()
      expect(over).to.equal(false)
      expect(object.notify()).to.equal(1)
      expect(await wait).to.equal('ok')
      const again = object.waitAsync(6)
      expect(object.notify(1)).to.equal(1) // with no change
      expect(await again).to.equal('ok')
      object.close()
    })

    it('notifies all by default, else so many', async () => {
      const object = make('c_int', 0)
      const waits = Array.from({ length: 6 }, () => object.waitAsync(0))
      expect(object.notify(0)).to.equal(0)
      expect(object.notify(2)).to.equal(2)
      expect(object.notify(1)).to.equal(1)
      expect(object.notify()).to.equal(3)
      expect(object.notify(Number.POSITIVE_INFINITY)).to.equal(0)
      expect(await Promise.all(waits)).to.deep.equal(waits.map(() => 'ok'))
      object.close()
    })

    it('takes all values of its type as expected', async () => {
      for (const [type, values] of [
        ['c_int', [0, -1, 2 ** 31 - 1, -(2 ** 31)]],
        ['c_uint', [0, 1, 2 ** 31, 2 ** 32 - 1]],
      ] as const) {
        for (const value of values) {
          const object = make(type, value)
          expect(object.wait(value, 0)).to.equal('timed-out')
          const wait = object.waitAsync(value)
          expect(object.notify()).to.equal(1)
          expect(await wait).to.equal('ok')
          object.close()
        }
      }
    })

    it('refuses what is no value of its type', async () => {
      const wrongs = { c_int: [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN], c_uint: [-1, 2 ** 32, 1.5, Number.POSITIVE_INFINITY] } as const
      for (const type of ['c_int', 'c_uint'] as const) {
        const object = make(type, 0)
        for (const expected of wrongs[type]) {
          outOfRange(() => object.wait(expected, 0))
          expect(await codeRejected(object.waitAsync(expected)), inspect(expected)).to.equal('ERR_OUT_OF_RANGE')
        }
        for (const expected of ['0', null, undefined, true, {}] as never[]) {
          wrongType(() => object.wait(expected, 0))
          expect(await codeRejected(object.waitAsync(expected)), inspect(expected)).to.equal('ERR_INVALID_ARG_TYPE')
        }
        expect(object.notify()).to.equal(0)
        object.close()
      }
    })

    it('refuses bad time-outs, signals and counts, whatever the value is', async () => {
      const object = make('c_int', 0)
      for (const expected of [0, 1]) {
        for (const timeout of [-1, Number.NaN]) {
          outOfRange(() => object.wait(expected, timeout), 'timeout')
          expect(await codeRejected(object.waitAsync(expected, { timeout }))).to.equal('ERR_OUT_OF_RANGE')
        }
        for (const timeout of ['1', null, 1n] as never[]) {
          wrongType(() => object.wait(expected, timeout), 'timeout')
          expect(await codeRejected(object.waitAsync(expected, { timeout }))).to.equal('ERR_INVALID_ARG_TYPE')
        }
        expect(await codeRejected(object.waitAsync(expected, { signal: {} as never }))).to.equal('ERR_INVALID_ARG_TYPE')
        const reason = new Error('mine')
        expect(await rejected(object.waitAsync(expected, { signal: AbortSignal.abort(reason) }))).to.equal(reason)
      }
      for (const count of [-1, 1.5, Number.NaN]) outOfRange(() => object.notify(count), '`count`')
      for (const count of ['1', null, 1n, {}] as never[]) wrongType(() => object.notify(count), '`count`')
      object.close()
    })

    it('is of no use once closed', async () => {
      const object = make('c_int', 0)
      const wait = codeRejected(object.waitAsync(0))
      object.close()
      expect(await wait).to.equal('ERR_CLOSED')
      refused(() => object.wait(0), 'ERR_CLOSED')
      refused(() => object.wait(0, 0), 'ERR_CLOSED')
      refused(() => object.notify(), 'ERR_CLOSED')
      expect(await codeRejected(object.waitAsync(0))).to.equal('ERR_CLOSED')
    })
  })
}

describe('wait and notify', () => {
  it('are for integers of 32 bits', async () => {
    for (const type of ['c_long', 'c_ulonglong', 'c_int64', 'c_size_t', 'c_double', 'c_float', 'c_short', 'c_ubyte'] as const) {
      const initial = 0 as never
      for (const make of [() => Value(type, initial), () => RawValue(type, initial)]) {
        using value = make() as unknown as RawValue<'c_int'>
        wrongType(() => value.wait(initial, 0))
        wrongType(() => value.notify())
        expect(await codeRejected(value.waitAsync(initial))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      for (const make of [() => SharedArray(type, 3), () => RawArray(type, 3)]) {
        using array = make() as unknown as RawArray<'c_int'>
        wrongType(() => array.wait(0, initial, 0))
        wrongType(() => array.notify(0))
        expect(await codeRejected(array.waitAsync(0, initial))).to.equal('ERR_INVALID_ARG_TYPE')
      }
    }
  })

  it('go by any name of such a type', async () => {
    for (const type of ['c_int', 'c_uint', 'c_int32', 'c_uint32', 'i', 'I'] as const) {
      using value = Value(type, 3)
      expect(value.wait(3, 0)).to.equal('timed-out')
      using array = RawArray(type, [3])
      const wait = array.waitAsync(0, 3)
      expect(array.notify(0)).to.equal(1)
      expect(await wait).to.equal('ok')
    }
  })

  it('of Arrays take an index that is there', async () => {
    for (const array of [SharedArray('c_int', 3), RawArray('c_int', 3), RawArray('c_int', 5000)]) {
      for (const index of [-1, array.length, 0.5, Number.NaN]) {
        outOfRange(() => array.wait(index, 0, 0), 'index')
        outOfRange(() => array.notify(index), 'index')
        expect(await codeRejected(array.waitAsync(index, 0))).to.equal('ERR_OUT_OF_RANGE')
      }
      for (const index of ['0', null, undefined, 0n] as never[]) {
        wrongType(() => array.wait(index, 0, 0), 'index')
        wrongType(() => array.notify(index), 'index')
        expect(await codeRejected(array.waitAsync(index, 0))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      array.close()
    }
  })

  it('of one element are not those of its neighbours', async () => {
    const COUNT = 100
    for (const array of [SharedArray('c_int', COUNT), RawArray('c_int', 5000)]) {
      const woken: number[] = []
      const waits = Array.from({ length: COUNT }, (_, i) => array.waitAsync(i, 0).then(() => woken.push(i)))
      for (const i of [7, COUNT - 1, 0]) {
        expect(array.notify(i)).to.equal(1)
        expect(array.notify(i)).to.equal(0)
        await waits[i]
      }
      await idle()
      expect(woken).to.deep.equal([7, COUNT - 1, 0])
      let rest = 0
      for (let i = 0; i < COUNT; i++) rest += array.notify(i)
      expect(rest).to.equal(COUNT - 3)
      await Promise.all(waits)
      array.close()
    }
  })

  it('that find no room are refused with ENOSPC, and leave the others alone', async () => {
    using array = RawArray('c_int', 5000)
    const waits = Array.from({ length: 5000 }, (_, i) => array.waitAsync(i, 0).catch((error: { code: string }) => error.code))
    await idle()
    let woken = 0
    for (let i = 0; i < 5000; i++) woken += array.notify(i)
    const outcomes = await Promise.all(waits)
    expect(outcomes.filter((outcome) => outcome === 'ok')).to.have.length(woken)
    expect(outcomes.filter((outcome) => outcome === 'ENOSPC')).to.have.length(5000 - woken)
    expect(woken).to.be.at.least(100)
    const again = array.waitAsync(4999, 0)
    expect(array.notify(4999)).to.equal(1)
    expect(await again).to.equal('ok')
  })

  it('of one Value are not those of another', async () => {
    const values = Array.from({ length: 20 }, () => Value('c_int', 0))
    const waits = values.map((value) => value.waitAsync(0))
    for (const value of values) expect(value.notify()).to.equal(1)
    expect(await Promise.all(waits)).to.deep.equal(waits.map(() => 'ok'))
    for (const value of values) value.close()
  })

  it('know nothing of the waits of an object that was there before', async () => {
    for (let round = 0; round < 50; round++) {
      const value = RawValue('c_int', 0)
      const wait = codeRejected(value.waitAsync(0))
      value.close()
      using next = RawValue('c_int', 0)
      expect(next.notify()).to.equal(0)
      expect(await wait).to.equal('ERR_CLOSED')
    }
  })

  it('are the same for a value with and without its lock, held or not', async () => {
    using raw = RawValue('c_int', 0)
    const locked = synchronized(raw)
    const first = locked.waitAsync(0)
    expect(raw.notify()).to.equal(1)
    expect(await first).to.equal('ok')
    using value = Value('c_int', 0)
    const second = value.getObj().waitAsync(0)
    value.withLock(() => expect(value.notify()).to.equal(1))
    expect(await second).to.equal('ok')
    using array = SharedArray('c_int', 3)
    const third = array.getObj().waitAsync(1, 0)
    expect(array.notify(1)).to.equal(1)
    expect(await third).to.equal('ok')
  })

  it('reach every process that has the object, by name or handle', async () => {
    const actors = [new Actor('process'), new Actor('worker')]
    for (const object of [Value('c_int', 7), Value('c_int', 7, { name: uniqueName() })]) {
      const parties = await Promise.all(actors.map((actor) => actor.openObject(object.toJSON())))
      for (const there of parties) {
        const blocked = there.begin('use', 'wait', 7)
        await there.actor.asleep()
        expect(object.notify()).to.equal(1)
        expect(await blocked.done).to.equal('ok')
        expect(await there.call('use', 'wait', 8)).to.equal('not-equal')
        expect(await there.call('use', 'wait', 7, 5)).to.equal('timed-out')
        const ours = object.waitAsync(7)
        expect(await there.call('use', 'notify')).to.equal(1)
        expect(await ours).to.equal('ok')
      }
      await Promise.all(parties.map((there) => there.call('use', 'close')))
      if (object.name !== undefined) object.unlink()
      object.close()
    }
    await Promise.all(actors.map((actor) => actor.kill()))
  })

  it('hand a value to and fro between two processes, losing no turn', async () => {
    const actor = new Actor('process')
    using turns = RawValue('c_int', 0)
    const there = await actor.openObject(turns.toJSON())
    for (let turn = 0; turn < 200; turn += 2) {
      const theirs = there.call('use', turn % 4 === 0 ? 'wait' : 'waitAsync', turn)
      turns.add(1)
      while (turns.notify() === 0 && !(await Promise.race([theirs.then(() => true), idle().then(() => false)]))) {
        // it has not begun to wait; when it does, it finds the value changed
      }
      expect(await theirs).to.be.oneOf(['ok', 'not-equal'])
      turns.add(1)
    }
    await actor.kill()
  })

  it('are the same through a handle', async () => {
    using array = RawArray('c_uint32', [1, 2, 3])
    using again = attach<RawArray<'c_uint32'>>(JSON.stringify(array))
    const wait = again.waitAsync(2, 3)
    expect(array.notify(2)).to.equal(1)
    expect(await wait).to.equal('ok')
  })
})
