/** ShareableLists that are handed on: to another process, a worker thread, a Process's target. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { attach, type Handle, Process, ShareableList, SharedMemory, Value } from '../../lib/index.js'
import type { ShmAnswer, ShmQuestion } from '../fixtures/shm-party.js'
import { changeBoth, doubleSome } from '../fixtures/shm-targets.js'
import { withoutDescriptor } from '../fixtures/unit-handles.js'
import { ask, descriptors, end, refused, removeNames, start, thrownBy, uniqueName } from '../fixtures/unit-helpers.js'
import { fixturePath, fixtureUrl } from '../helpers/paths.js'

const module = fixtureUrl('shm-targets')
const items = [1, 'text\0', null, 0.5, true, Buffer.from([1, 0]), 2n ** 60n]

describe('a ShareableList that is handed on', () => {
  let child: ChildProcess
  before(() => {
    child = start('shm-party')
  })
  after(() => end(child))
  afterEach(removeNames)

  for (const automatic of [false, true]) {
    const make = (content: ConstructorParameters<typeof ShareableList>[0] = items) =>
      new ShareableList(content, automatic ? {} : { name: uniqueName() })
    const what = automatic ? 'with an automatic name' : 'with a chosen name'

    it(`${what}: by handle, as an object, as JSON, in this process`, () => {
      using list = make()
      const handle = list.toJSON()
      expect(Object.getPrototypeOf(handle)).to.equal(Object.prototype)
      for (const each of [handle, JSON.stringify(list), JSON.parse(JSON.stringify(handle)), structuredClone(handle)]) {
        using attached = attach<ShareableList>(each)
        expect(attached).to.be.instanceOf(ShareableList)
        expect([attached.name, [...attached]]).to.deep.equal([list.name, items])
        expect(withoutDescriptor(attached.toJSON())).to.deep.equal(withoutDescriptor(handle))
        attached[0] = Number(attached[0]) + 1
        attached[0] = 1
      }
      list.unlink()
    })

    it(`${what}: by handle, in another process and a worker thread`, async () => {
      using list = make()
      const handle = list.toJSON()
      const there = await ask<ShmAnswer>(child, {
        handle,
        writes: [
          [0, 'there'],
          [-1, null],
        ],
      } satisfies ShmQuestion) // prettier-ignore
      expect(there).to.deep.include({ content: items, kind: 'ShareableList', name: list.name })
      expect([list[0], list[-1]]).to.deep.equal(['there', null])
      const worker = new Worker(fixturePath('shm-party'))
      worker.postMessage({ handle: JSON.stringify(list), writes: [[2, 'thread']] } satisfies ShmQuestion)
      const [inThread] = (await once(worker, 'message')) as [ShmAnswer]
      expect(inThread.content?.slice(0, 3)).to.deep.equal(['there', 'text\0', null])
      expect(list[2]).to.equal('thread')
      await worker.terminate()
      list.unlink()
    })

    it(`${what}: in a Process's arguments, anywhere inside, beside a SharedMemory`, async () => {
      using list = make([1, 'text', null, 0.5])
      using memory = new SharedMemory({ create: true, size: 8, ...(automatic ? {} : { name: uniqueName() }) })
      const process = new Process(changeBoth, [{ list, deep: new Map([['memory', [memory]]]) }, list], { module }).start()
      await process.join()
      expect(process.exitcode).to.equal(0)
      expect([...list]).to.deep.equal([2n ** 60n, 'text', null, 1.5])
      expect(memory.buf.readUInt32LE(4)).to.equal(1)
      list.unlink()
      memory.unlink()
    })

    it(`${what}: to several processes, each with its part`, async () => {
      using list = make(Array.from({ length: 900 }, (_, i) => i))
      const processes = [0, 300, 600].map((begin) => new Process(doubleSome, [list, begin, begin + 300], { module }).start())
      for (const each of processes) {
        await each.join()
        expect(each.exitcode).to.equal(0)
      }
      expect([...list]).to.deep.equal(Array.from({ length: 900 }, (_, i) => 2 * i))
      list.unlink()
    })

    it(`${what}: closed by the parent as soon as the child is started`, async () => {
      const list = make([1, 2, 3])
      const again = new ShareableList(null, { name: list.name as string })
      const child = new Process(doubleSome, [list, 0, 3], { module }).start()
      list.close()
      await child.join()
      expect([child.exitcode, ...again]).to.deep.equal([0, 2, 4, 6])
      again.unlink()
      again.close()
    })
  }

  it('without a name: unlinked and closed by the parent as soon as the child is started, it is there for the child', async () => {
    const list = new ShareableList([1, 2, 3])
    using kept = attach<ShareableList>(list.toJSON())
    const child = new Process(doubleSome, [list, 0, 3], { module }).start()
    list.unlink()
    list.close()
    await child.join()
    expect([child.exitcode, ...kept]).to.deep.equal([0, 2, 4, 6])
  })

  it('is stale when it is unlinked and closed everywhere, also if others have the name by then', async () => {
    const name = uniqueName()
    const list = new ShareableList([1], { name })
    const handle = list.toJSON()
    list.unlink()
    list.close()
    const stale = async () => {
      refused(() => attach(handle), 'ERR_STALE_HANDLE')
      expect((await ask<ShmAnswer>(child, { handle })).code).to.equal('ERR_STALE_HANDLE')
    }
    await stale()
    using other = new ShareableList([2], { name })
    await stale()
    expect([...other]).to.deep.equal([2])
  })

  it('is no SharedMemory, and a SharedMemory of other bytes is no list', () => {
    using list = new ShareableList([1], { name: uniqueName() })
    using memory = new SharedMemory({ name: uniqueName(), create: true, size: 100 })
    memory.buf.fill(255)
    using value = Value('c_int', 1)
    const forgeries: Handle[] = [
      { ...memory.toJSON(), kind: 'ShareableList' as Handle['kind'] },
      { ...list.toJSON(), kind: 'Value' },
      { ...value.toJSON(), kind: 'ShareableList' as Handle['kind'] },
    ]
    const open = descriptors().length
    for (const handle of forgeries) {
      const { code } = thrownBy(() => attach(handle))
      expect(code, JSON.stringify(handle)).to.be.oneOf(['ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH', 'ERR_STALE_HANDLE'])
    }
    expect(descriptors().length).to.equal(open)
    expect([...list]).to.deep.equal([1])
  })
})
