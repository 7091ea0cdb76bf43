/** SharedMemory: made, attached, handed on, closed, unlinked. What it refuses is in shared-memory-refusals.test.ts. */
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { attach, SharedMemory } from '../../lib/index.js'
import type { ShmGcAnswer } from '../fixtures/shm-gc.js'
import type { ShmAnswer, ShmQuestion } from '../fixtures/shm-party.js'
import { withoutDescriptor } from '../fixtures/unit-handles.js'
import { answer, ask, descriptors, end, refused, removeNames, shmPath, start, uniqueName } from '../fixtures/unit-helpers.js'
import { fixturePath } from '../helpers/paths.js'
import { mappings } from '../helpers/proc.js'

const AUTOMATIC = /^psm_[0-9a-f]{8}$/

describe('SharedMemory', () => {
  afterEach(removeNames)

  const small = (size = 4) => new SharedMemory({ name: uniqueName(), create: true, size })

  describe('that is made', () => {
    it('has a name, its size in bytes, and zeros', () => {
      const name = uniqueName()
      using memory = new SharedMemory({ name, create: true, size: 10 })
      expect([memory.name, memory.size]).to.deep.equal([name, 10])
      expect([...memory.buf]).to.deep.equal(Array.from({ length: 10 }, () => 0))
      expect(statSync(shmPath(name))).to.include({ size: 10, mode: 0o100600 })
    })

    it('has a buffer of its bytes alone, and a Buffer over it; the same at each look', () => {
      using memory = small(10)
      expect(memory.buffer).to.be.instanceOf(ArrayBuffer)
      expect(memory.buffer.byteLength).to.equal(10)
      expect(memory.buf).to.be.instanceOf(Buffer)
      expect([memory.buf.byteOffset, memory.buf.byteLength]).to.deep.equal([0, 10])
      expect(memory.buf.buffer).to.equal(memory.buffer)
      expect(memory.buf).to.equal(memory.buf)
      new Uint16Array(memory.buffer, 2, 1)[0] = 0x0102
      expect(memory.buf.readUInt16LE(2)).to.equal(0x0102)
    })

    it('without a name gets one of its own, and goes with unlink', () => {
      const all = Array.from({ length: 50 }, () => new SharedMemory({ create: true, size: 1 }))
      const names = all.map(({ name }) => name as string)
      expect(new Set(names).size).to.equal(50)
      for (const [i, memory] of all.entries()) {
        expect(memory.name).to.match(AUTOMATIC)
        using attached = new SharedMemory({ name: names[i] as string })
        attached.buf[0] = i
        expect(memory.buf[0]).to.equal(i)
        memory.close()
        memory.unlink()
        expect(existsSync(shmPath(names[i] as string))).to.equal(false)
      }
    })

    it('has its memory reserved', () => {
      using memory = small(1_000_000)
      const { blocks, size } = statSync(shmPath(memory.name as string))
      expect(blocks * 512).to.be.at.least(size)
    })

    it('under a name that looks like an automatic one, but was chosen, is never swept', () => {
      const name = `psm_${randomBytes(4).toString('hex')}`
      const memory = new SharedMemory({ name, create: true, size: 1 })
      memory.close()
      for (let i = 0; i < 20; i++) {
        using other = new SharedMemory({ create: true, size: 1 }) // looks for orphans
        other.unlink()
      }
      expect(existsSync(shmPath(name))).to.equal(true)
      memory.unlink()
    })

    it('without a name is reached by its name as long as its maker lives, also when it is closed', () => {
      const memory = new SharedMemory({ create: true, size: 1 })
      memory.buf[0] = 7
      memory.close()
      for (let i = 0; i < 10; i++) {
        const other = new SharedMemory({ create: true, size: 1 }) // looks for orphans
        other.unlink()
        other.close()
      }
      using attached = new SharedMemory({ name: memory.name as string })
      expect(attached.buf[0]).to.equal(7)
      memory.unlink()
    })
  })

  it('that is attached has the size and the bytes that are there, whatever size is given', () => {
    using memory = small(10)
    for (const size of [undefined, 0, 3, 1000]) {
      using attached = new SharedMemory({ name: memory.name as string, ...(size === undefined ? {} : { size }) })
      expect([attached.size, attached.buf.length]).to.deep.equal([10, 10])
      attached.buf[9] = size ?? 5
      expect(memory.buf[9]).to.equal((size ?? 5) % 256)
    }
    using explicit = new SharedMemory({ name: memory.name as string, create: false })
    expect(explicit.size).to.equal(10)
  })

  it('of a size that is no multiple of a page ends where it ends', () => {
    for (const size of [1, 4095, 4096, 4097]) {
      using memory = small(size)
      memory.buf.fill(1)
      expect(memory.buf.length).to.equal(size)
      using attached = new SharedMemory({ name: memory.name as string })
      expect(attached.buf.every((byte: number) => byte === 1)).to.equal(true)
    }
  })

  describe('a handle', () => {
    let child: ChildProcess
    before(() => {
      child = start('shm-party')
    })
    after(() => end(child))

    it('leads to the same bytes here, in another process and in a worker thread', async () => {
      const worker = new Worker(fixturePath('shm-party'))
      for (const memory of [small(), new SharedMemory({ create: true, size: 4 })]) {
        memory.buf.set([1, 2, 3, 4])
        const handle = memory.toJSON()
        for (const each of [handle, JSON.stringify(memory), structuredClone(handle)]) {
          using attached = attach<SharedMemory>(each)
          expect(attached).to.be.instanceOf(SharedMemory)
          expect([attached.name, attached.size, ...attached.buf]).to.deep.equal([memory.name, 4, 1, 2, 3, 4])
          expect(withoutDescriptor(attached.toJSON())).to.deep.equal(withoutDescriptor(handle))
        }
        const there = await ask<ShmAnswer>(child, { handle, writes: [[0, 9]] } satisfies ShmQuestion)
        expect(there).to.deep.include({ content: [1, 2, 3, 4], kind: 'SharedMemory', name: memory.name })
        worker.postMessage({ handle: JSON.stringify(handle), writes: [[1, 8]] } satisfies ShmQuestion)
        const [inThread] = (await once(worker, 'message')) as [ShmAnswer]
        expect(inThread).to.deep.include({ content: [9, 2, 3, 4], kind: 'SharedMemory', name: memory.name })
        expect([...memory.buf]).to.deep.equal([9, 8, 3, 4])
        memory.close()
        memory.unlink()
      }
      await worker.terminate()
    })

    it('of a name that leads to another block by now is stale', async () => {
      const name = uniqueName()
      const first = new SharedMemory({ name, create: true, size: 4 })
      const handle = first.toJSON()
      first.unlink()
      first.close()
      refused(() => attach(handle), 'ERR_STALE_HANDLE')
      using second = new SharedMemory({ name, create: true, size: 4 })
      refused(() => attach(handle), 'ERR_STALE_HANDLE')
      expect((await ask<ShmAnswer>(child, { handle })).code).to.equal('ERR_STALE_HANDLE')
      second.buf[0] = 1
    })

    it('of a block that is unlinked but still open here leads to it', async () => {
      const memory = small()
      memory.buf[0] = 5
      const handle = memory.toJSON()
      memory.unlink()
      using attached = attach<SharedMemory>(handle)
      expect(attached.buf[0]).to.equal(5)
      expect((await ask<ShmAnswer>(child, { handle })).content).to.deep.equal([5, 0, 0, 0])
      memory.close()
    })

    it('leaves nothing open in the process that used it', async () => {
      using memory = small()
      const first = await ask<ShmAnswer>(child, { handle: memory.toJSON() })
      for (let i = 0; i < 5; i++) expect((await ask<ShmAnswer>(child, { handle: memory.toJSON() })).open).to.equal(first.open)
    })
  })

  describe('close', () => {
    it('can be called twice, detaches all views, and ends all use but that of name, size and unlink', () => {
      const memory = small(16)
      const { buf, buffer, name, size } = memory
      const floats = new Float64Array(buffer)
      const part = buf.subarray(2, 4)
      memory.close()
      memory.close()
      expect([buf.length, buffer.byteLength, floats.length, part.length]).to.deep.equal([0, 0, 0, 0])
      expect(floats[0]).to.equal(undefined)
      refused(() => memory.buf, 'ERR_CLOSED', Error, 'SharedMemory')
      refused(() => memory.buffer, 'ERR_CLOSED', Error, 'SharedMemory')
      expect([memory.name, memory.size]).to.deep.equal([name, size])
      memory.unlink()
      expect(existsSync(shmPath(name as string))).to.equal(false)
    })

    it('comes with the end of a `using` block, and leaves the file', () => {
      const name = uniqueName()
      let kept: SharedMemory
      {
        using memory = new SharedMemory({ name, create: true, size: 2 })
        kept = memory
      }
      refused(() => kept.buf, 'ERR_CLOSED')
      expect(existsSync(shmPath(name))).to.equal(true)
    })

    it('of one leaves others of the same block open', () => {
      const first = small()
      using second = new SharedMemory({ name: first.name as string })
      using third = attach<SharedMemory>(first.toJSON())
      first.close()
      second.buf[0] = 3
      expect(third.buf[0]).to.equal(3)
    })

    it('gives the memory and the descriptor back', () => {
      const [open, mapped] = [descriptors().length, mappings().length]
      for (let i = 0; i < 20; i++) {
        const memory = small()
        const attached = new SharedMemory({ name: memory.name as string })
        attached.close()
        memory.close()
      }
      for (let i = 0; i < 20; i++) {
        const memory = new SharedMemory({ create: true, size: 10 })
        memory.unlink()
        memory.close()
      }
      expect([descriptors().length, mappings().length]).to.deep.equal([open, mapped])
    })
  })

  it('that is dropped gives everything back, but not while a view of it is in use', async () => {
    const collector = start('shm-gc', [], ['--expose-gc'])
    expect(await answer<ShmGcAnswer>(collector)).to.deep.equal({
      dropped: true,
      kept: Array.from({ length: 10 }, (_, i) => 2 * i),
      closedLater: true,
    })
    await end(collector)
  })

  describe('unlink', () => {
    it('removes the name once, and leaves the bytes to those who have them', () => {
      using memory = small()
      using other = new SharedMemory({ name: memory.name as string })
      memory.unlink()
      memory.buf[0] = 6
      expect(other.buf[0]).to.equal(6)
      for (const each of [memory, other]) {
        const error = refused(() => each.unlink(), 'ENOENT', Error, memory.name as string)
        expect(error).to.include({ path: shmPath(memory.name as string) })
        expect(error.syscall).to.be.a('string')
        expect(error.errno).to.equal(-2)
      }
    })

    it('does not touch another block that has the name by now', () => {
      using memory = small()
      const name = memory.name as string
      memory.unlink()
      writeFileSync(shmPath(name), 'another')
      refused(() => memory.unlink(), 'ENOENT')
      expect(statSync(shmPath(name)).size).to.equal(7)
      using other = new SharedMemory({ name })
      expect(other.buf.toString()).to.equal('another')
    })
  })

  it('shows its name and size, and that it is closed', () => {
    const memory = small(12)
    const name = memory.name as string
    expect(inspect(memory))
      .to.match(/^SharedMemory/)
      .and.include(name)
      .and.include('12')
    expect(inspect(memory).length).to.be.below(200)
    expect(inspect([{ memory }], { depth: 0 })).to.be.a('string')
    memory.close()
    expect(inspect(memory))
      .to.match(/^SharedMemory.*closed/)
      .and.include(name)
  })
})
