/** What arrives in a Process's target: structured clones, with shared objects live anywhere inside. */
import { expect } from 'chai'
import * as mp from '../../lib/index.js'
import * as targets from '../fixtures/process-targets.js'
import { until } from '../helpers/deferred.js'
import { freshName } from '../helpers/paths.js'
import { processOf, run } from '../helpers/run.js'

const fine = { code: 0, stdout: '', stderr: '' }

describe("a Process's arguments", () => {
  for (const name of [undefined, freshName('argument')]) {
    it(`carry live objects anywhere inside, ${name === undefined ? 'anonymous' : 'named'}, and the same one once`, async () => {
      const named = (suffix: string) => (name === undefined ? {} : { name: `${name}-${suffix}` })
      const counter = mp.Value('c_int', 41, named('counter'))
      const deep = mp.Array('c_double', [0.5, 1.5, 2.5], named('deep'))
      const lock = mp.Lock(named('lock'))
      const map = new Map<unknown, unknown>([
        ['value', counter],
        [counter, 'the counter as a key'],
      ])
      map.set('map', map)
      const set = new Set<unknown>([counter])
      set.add(set)
      const all: Parameters<typeof targets.nested>[0] = {
        object: { counter, list: [counter, { deep }] },
        map,
        set,
        job: new targets.Job('job', counter),
        again: counter,
        lock,
      }
      all.self = all
      expect(await run(targets.nested, [all, counter])).to.deep.equal(fine)
      expect(counter.value).to.equal(42)
      expect([...deep]).to.deep.equal([0.5, 1.5, 99])
      expect(map.get('value')).to.equal(counter) // what the parent has stays what it was
      for (const object of [counter, deep, lock]) {
        if (name !== undefined) object.unlink()
        object.close()
      }
    })
  }

  for (const name of [undefined, freshName('primitive')]) {
    it(`carry live primitives, ${name === undefined ? 'anonymous' : 'named'}`, async () => {
      const named = (suffix: string) => (name === undefined ? {} : { name: `${name}-${suffix}` })
      const given = mp.Lock()
      const all: targets.Primitives = {
        semaphore: mp.Semaphore(1, named('semaphore')),
        bounded: mp.BoundedSemaphore(1, named('bounded')),
        condition: mp.Condition(undefined, named('condition')),
        guarded: mp.Condition(given, named('guarded')),
        event: mp.Event(named('event')),
        barrier: mp.Barrier(2, named('barrier')),
        lock: mp.RWLock(named('lock')),
        value: mp.RawValue('c_int', 0, named('value')),
      }
      const { semaphore, bounded, condition, guarded, event, barrier, lock, value } = all
      const waits = [
        ...[condition, guarded].map((each) => each.withLockAsync(() => each.waitAsync())),
        event.waitAsync(),
        value.waitAsync(0),
        barrier.waitAsync(),
      ]
      // Their waits are in line, and their locks free, before there is anybody to wake them.
      await until(() => !condition.locked && !guarded.locked)
      expect(await run(targets.usePrimitives, [all])).to.deep.equal(fine)
      expect(await Promise.all(waits)).to.deep.equal([true, true, true, 'ok', 0])
      expect([semaphore.value, bounded.value, event.isSet, barrier.broken, value.value]).to.deep.equal([2, 1, true, false, 1])
      expect([lock.read.locked, lock.write.locked]).to.deep.equal([false, false])
      for (const object of Object.values(all) as mp.SharedObject[]) {
        if (name !== undefined) object.unlink()
        object.close()
      }
      given.close()
    })
  }

  it('carry live objects in instances of classes that name themselves', async () => {
    const counter = mp.Value('c_int', 0)
    expect(await run(targets.tagged, [new targets.Tagged('tagged', counter), counter])).to.deep.equal(fine)
    expect(counter.value).to.equal(1)
  })

  it('carry all else that a structured clone carries', async () => {
    const done = mp.RawValue('c_int', 0)
    const values = [
      undefined,
      null,
      Number.NaN,
      -0,
      2n ** 70n,
      new Date(0),
      /a+/giu,
      new Uint8Array([1, 2, 3]),
      new Float64Array([0.5, 1.5, 2.5]).subarray(1),
      new TypeError('carried'),
      Object.assign(new globalThis.Array(3), { 1: 'x' }),
      Object(7),
      JSON.parse('{"__proto__": 1}'),
    ]
    expect(await run(targets.plain, [values, done])).to.deep.equal(fine)
    expect(done.value).to.equal(1)
  })

  it('are as they were at start, not as they are when the child gets to them', async () => {
    const done = mp.RawValue('c_int', 0)
    const names = ['before', done]
    const child = processOf(targets.tellName, names, { name: 'before' }).start()
    names[0] = 'after'
    await child.join()
    expect(child.exitcode).to.equal(0)
    expect(done.value).to.equal(1)
  })

  it('are live in both directions while the child runs', async () => {
    const ball = mp.RawArray('c_int32', 1)
    const child = processOf(targets.pingPong, [ball]).start()
    Atomics.store(ball, 0, 1)
    await until(() => Atomics.load(ball, 0) === 2)
    await child.join()
    expect(child.exitcode).to.equal(0)
  })

  it('may be closed by the parent as soon as the child is started', async () => {
    const name = freshName('result')
    const result = mp.Value('c_int', 0, { name })
    const other = mp.Value('c_int', 0, { name })
    const child = processOf(targets.addOne, [result]).start()
    result.close()
    await child.join()
    expect(child.exitcode).to.equal(0)
    expect(other.value).to.equal(1)
    other.unlink()
    other.close()
  })

  it('keep large memory alive that the parent has closed', async () => {
    const big = mp.RawArray('c_int32', 100_000)
    const probe = mp.attach<typeof big>(big.toJSON())
    const child = processOf(targets.pingPong, [big]).start()
    big.close()
    Atomics.store(probe, 0, 1)
    await until(() => Atomics.load(probe, 0) === 2)
    probe.close()
    await child.join()
    expect(child.exitcode).to.equal(0)
  })

  it('may be a thousand objects of many kinds', async () => {
    const done = mp.RawValue('c_int', 0)
    const objects = Array.from({ length: 1000 }, (_, i) => [mp.Lock(), mp.Value('c_double', i), mp.RawArray('c_int', 3)][i % 3])
    expect(await run(targets.tellName, ['many', done, objects], { name: 'many' })).to.deep.equal(fine)
    expect(done.value).to.equal(1)
  })
})
