/** Attaching in every kind of process and thread there is, by every way a handle can take. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import * as mp from '../../lib/index.js'
import type { Handed } from '../fixtures/attach-party.js'
import { until } from '../helpers/deferred.js'
import { codeThrown } from '../helpers/errors.js'
import { fixturePath, freshName } from '../helpers/paths.js'
import { runNode } from '../helpers/run.js'
import { collectOwnerDied } from '../helpers/warnings.js'

const TIMES = 300
const party = fixturePath('attach-party')
const point = mp.struct('Point', { x: 'c_double', y: 'c_double' })

function makeObjects(name?: string) {
  const named = (what: string) => (name === undefined ? {} : { name: `${name}-${what}` })
  const counter = mp.Value('c_int', 0, named('counter'))
  const array = mp.Array('c_double', 5000, named('array')) // in a segment of its own
  const struct = mp.Value(point, { x: 0, y: 0 }, named('point'))
  const lock = mp.Lock(named('lock'))
  const total = mp.RawValue('c_longlong', 0, named('total'))
  const objects = [counter, array, struct, lock, total] as const
  const handed: Handed = {
    times: TIMES,
    counter: counter.toJSON(),
    array: array.toJSON(),
    point: struct.toJSON(),
    lock: lock.toJSON(),
    total: total.toJSON(),
  }
  return {
    handed,
    check(parties: number) {
      const times = parties * TIMES
      expect(counter.value).to.equal(times)
      expect(array.at(-1)).to.equal(times / 2)
      expect(struct.value.x).to.equal(2 * times)
      expect(total.value).to.equal(BigInt(times))
    },
    remove() {
      for (const object of objects) {
        if (name !== undefined) object.unlink()
        object.close()
      }
    },
  }
}

describe('attach', () => {
  const parties: Record<string, (handed: Handed) => ChildProcess | Worker> = {
    'a forked child, by a message': (handed) => {
      const child = fork(party)
      child.send(handed)
      return child
    },
    'a forked child, by a message with advanced serialization': (handed) => {
      const child = fork(party, { serialization: 'advanced' })
      child.send(handed)
      return child
    },
    'a spawned process, by its arguments': (handed) => spawn(process.execPath, [party, JSON.stringify(handed)], { stdio: 'inherit' }),
    'a spawned process, by its environment': (handed) =>
      spawn(process.execPath, [party], { stdio: 'inherit', env: { HANDED: JSON.stringify(handed) } }),
    'a worker thread, by workerData': (handed) => new Worker(party, { workerData: handed }),
    'a worker thread, by a message': (handed) => {
      const worker = new Worker(party)
      worker.postMessage(handed)
      return worker
    },
  }

  for (const name of [undefined, freshName('attach')]) {
    for (const [way, start] of Object.entries(parties)) {
      it(`in ${way}, ${name === undefined ? 'anonymous' : 'named'} objects`, async () => {
        const objects = makeObjects(name)
        const ends = await Promise.all([0, 1].map(() => once(start(objects.handed), 'exit')))
        expect(ends.map(([code]) => code)).to.deep.equal([0, 0])
        objects.check(2)
        objects.remove()
      })
    }
  }

  it('in all of them at once', async () => {
    const objects = makeObjects()
    const starts = Object.values(parties)
    const ends = await Promise.all(starts.map((start) => once(start(objects.handed), 'exit')))
    expect(ends.map(([code]) => code)).to.deep.equal(starts.map(() => 0))
    objects.check(starts.length)
    objects.remove()
  })

  it('in the workers of a cluster', async () => {
    const env = { ...process.env, CLUSTER_NAME: freshName('cluster') }
    expect(await runNode([fixturePath('attach-cluster')], { env })).to.deep.equal({ code: 0, stdout: '2000 4\n', stderr: '' })
  })

  it('in more processes than an arena can tell apart', async () => {
    const processes = 70
    const lock = mp.Lock()
    const begun = mp.RawValue('c_int', 0)
    const counter = mp.RawValue('c_int', 0)
    const handles = [lock, begun, counter].map((object) => JSON.stringify(object))
    lock.acquire()
    const children = Array.from({ length: processes }, () =>
      spawn(process.execPath, ['--no-warnings', fixturePath('attach-crowd'), ...handles], { stdio: ['ignore', 'inherit', 'inherit'] }),
    )
    const codes = Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number | null))
    await until(() => begun.value === processes) // all of them have it open at the same time
    lock.release()
    expect(new Set(await codes)).to.deep.equal(new Set([0]))
    expect(counter.value).to.equal(processes)
    for (const object of [lock, begun, counter]) object.close()
  })

  describe('from a handle whose maker has exited', () => {
    const name = freshName('maker')
    /** Handles from a process that is gone; `meanwhile` is called while it still was there. */
    async function handlesOfTheDead(meanwhile: (handles: { anonymous: mp.Handle; named: mp.Handle }) => void) {
      const maker = fork(fixturePath('attach-maker'), [name])
      const [handles] = (await once(maker, 'message')) as [{ anonymous: mp.Handle; named: mp.Handle }]
      meanwhile(handles)
      maker.send('exit')
      await once(maker, 'exit')
      return handles
    }

    it('refuses what nobody holds any more', async () => {
      const { anonymous } = await handlesOfTheDead(() => {})
      expect(codeThrown(() => mp.attach(anonymous))).to.equal('ERR_STALE_HANDLE')
      mp.Value('c_int', 0, { name, create: false }).unlink()
    })

    it('works for what this process still holds', async () => {
      let kept: mp.Value<'c_int'> | undefined
      const { anonymous } = await handlesOfTheDead((handles) => {
        kept = mp.attach<mp.Value<'c_int'>>(handles.anonymous)
      })
      const again = mp.attach<mp.Value<'c_int'>>(anonymous)
      again.withLock(() => {
        again.value += 1
      })
      expect(kept?.value).to.equal(again.value)
      again.close()
      kept?.close()
      expect(codeThrown(() => mp.attach(anonymous))).to.equal('ERR_STALE_HANDLE')
      mp.Value('c_int', 0, { name, create: false }).unlink()
    })

    it('works for what has a name, until it is unlinked', async () => {
      const warnings = collectOwnerDied()
      const { named } = await handlesOfTheDead(() => {})
      const value = mp.attach<mp.Value<'c_int'>>(named)
      expect(value.value).to.equal(7)
      value.unlink()
      value.close()
      expect(codeThrown(() => mp.attach(named))).to.equal('ERR_STALE_HANDLE')
      await warnings.stop()
    })
  })
})
