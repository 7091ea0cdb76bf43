/** Worker threads: one mapping for all of them, given back with the last, and a thousand that start and exit. */
import { once } from 'node:events'
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import * as mp from '../../lib/index.js'
import type { ThreadCommand, ThreadOrders } from '../fixtures/thread-party.js'
import type { ThousandOrders } from '../fixtures/thread-thousand.js'
import { until } from '../helpers/deferred.js'
import { fixturePath, freshName } from '../helpers/paths.js'
import { descriptors, mappings, segmentDescriptors, threads } from '../helpers/proc.js'
import { runNode } from '../helpers/run.js'
import { collectOwnerDied } from '../helpers/warnings.js'

const tell = (worker: Worker, command: ThreadCommand) => worker.postMessage(command)

async function startParty(orders: ThreadOrders): Promise<Worker> {
  const worker = new Worker(fixturePath('thread-party'), { workerData: orders })
  await once(worker, 'message')
  return worker
}

/** The garbage collector, which has no name unless it is asked for. */
v8.setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What earlier tests have dropped is given back now, and not in the middle of this one. */
async function giveBackGarbage(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    collect()
    await new Promise(setImmediate)
  }
}

describe('worker threads', () => {
  it('share one mapping of what another process made, which goes with the last of them', async () => {
    const name = freshName('mapping')
    const objects = [
      mp.Value('c_int', 0),
      mp.Array('c_double', 10_000),
      mp.RawArray('c_int', 5000),
      mp.Value('c_int', 0, { name }),
    ] as const
    expect(await runNode([fixturePath('thread-process'), JSON.stringify(objects)])).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    objects[3].unlink()
    for (const object of objects) object.close()
  })

  it('share the mapping of the thread that made an object, which goes with the last of them too', async () => {
    const before = segmentDescriptors().length
    const array = mp.Array('c_double', 10_000)
    const { inode } = array.toJSON().segment
    const again = mp.attach<mp.SharedArray<'c_double'>>(array.toJSON())
    const workers = await Promise.all([1, 2, 3].map(() => startParty({ handles: [array.toJSON(), again.toJSON()] })))
    expect(mappings(inode)).to.have.length(1)
    array.close()
    tell(workers[0] as Worker, 'close')
    await once(workers[0] as Worker, 'message')
    again.close()
    expect(mappings(inode)).to.have.length(1)
    for (const worker of workers) {
      expect(mappings(inode)).to.have.length(1)
      tell(worker, 'end')
      await once(worker, 'exit')
    }
    expect(mappings(inode)).to.have.length(0)
    expect(segmentDescriptors()).to.have.length(before)
  })

  it('that exit while they hold a lock give back all memory but that of the lock', async () => {
    const warnings = collectOwnerDied()
    const lock = mp.Lock()
    const array = mp.Array('c_double', 10_000)
    const { inode } = array.toJSON().segment
    const worker = await startParty({ handles: [array.toJSON()], lock: lock.toJSON() })
    array.close()
    expect(mappings(inode)).to.have.length(1)
    tell(worker, 'end')
    await once(worker, 'exit')
    expect(lock.withLock(() => lock.ownerDied)).to.equal(true)
    expect(mappings(inode)).to.have.length(0)
    lock.close()
    await warnings.stop()
  })

  it('that exit while they hold a lock in large memory leave it usable', async () => {
    const warnings = collectOwnerDied()
    const array = mp.Array('c_double', 10_000) // its lock is beside it
    for (let round = 0; round < 3; round++) {
      const code = `
        const { workerData } = require('node:worker_threads')
        import(workerData.lib).then(({ attach }) => {
          attach(workerData.handle).acquire()
          process.exit(0)
        })`
      const workerData = { lib: new URL('../../lib/index.js', import.meta.url).href, handle: array.toJSON() }
      await once(new Worker(code, { eval: true, workerData }), 'exit')
      expect(array.withLock(() => array.getLock().ownerDied)).to.equal(true)
      expect(array.withLock(() => array.getLock().ownerDied)).to.equal(false)
      array[array.length - 1] = round
    }
    array.close()
    await warnings.stop()
  })

  it('that start and exit a thousand times count exactly, and leave nothing behind', async () => {
    const TOTAL = 1000
    const AT_A_TIME = 6
    const warnings = collectOwnerDied()
    const lock = mp.Lock()
    const counter = mp.Value('c_int', 0, { lock })
    const told = mp.RawValue('c_int', 0)
    const died = mp.RawValue('c_int', 0)
    const array = mp.Array('c_double', 10_000)
    const handles = { counter: counter.toJSON(), told: told.toJSON(), died: died.toJSON(), array: array.toJSON() }
    let started = 0
    const program = fixturePath('thread-thousand')
    const lane = async (until: number) => {
      while (started < until) {
        const orders: ThousandOrders = { ...handles, number: started++ }
        const worker = new Worker(program, { workerData: orders, stderr: true })
        worker.on('error', () => {}) // some end by one
        await new Promise((resolve) => worker.once('exit', resolve))
      }
    }
    const lanes = (until: number) => Promise.all(Array.from({ length: AT_A_TIME }, () => lane(until)))
    const state = () => {
      mp.Lock().close() // what a thread had open whose lock it held at its end is closed when the next object is made
      return { descriptors: descriptors().length, mappings: mappings().length, threads: threads() }
    }

    await lanes(50)
    await giveBackGarbage()
    const before = state()
    await lanes(TOTAL)
    expect(counter.value).to.equal(TOTAL * 10)
    // Each death with the lock is told to one taker. We may be the one who hears of the last.
    lock.acquire()
    if (lock.ownerDied) told.value += 1
    lock.release()
    expect(died.value).to.equal(TOTAL / 5)
    expect(told.value).to.equal(TOTAL / 5)
    expect(array.at(-1)).to.equal(TOTAL)
    await until(() => threads() <= before.threads)
    await giveBackGarbage()
    expect(state()).to.deep.equal(before)
    array.close()
    for (const object of [counter, told, died, lock]) object.close()
    await warnings.stop()
  })
})
