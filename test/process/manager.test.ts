/** SharedMemoryManager: its life, and that of its blocks. What happens when somebody is killed: test/crash/manager.test.ts. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { ShareableList, SharedMemory, SharedMemoryManager } from '../../lib/index.js'
import type { Party } from '../fixtures/manager-party.js'
import { codeRejected, codeThrown, rejected, thrown } from '../helpers/errors.js'
import { exists, helpersHere, helpersOf, ManagerParty, partyProgram } from '../helpers/managers.js'
import { fixturePath } from '../helpers/paths.js'
import { descriptors } from '../helpers/proc.js'
import { read } from '../helpers/run.js'

describe('SharedMemoryManager', () => {
  let manager: SharedMemoryManager
  beforeEach(async () => {
    manager = await new SharedMemoryManager().start()
  })
  afterEach(async () => {
    await manager.shutdown()
    expect(helpersHere()).to.deep.equal([])
  })

  it('makes blocks and lists that others find by name', () => {
    const memory = manager.SharedMemory(100)
    const list = manager.ShareableList([1, 2.5, 'three', null, true, Buffer.from('six')])
    expect(memory).to.be.instanceOf(SharedMemory)
    expect(list).to.be.instanceOf(ShareableList)
    for (const { name } of [memory, list]) expect(name).to.match(/^psm_[0-9a-f]{8}$/)
    memory.buf[99] = 7
    const again = new SharedMemory({ name: memory.name })
    expect(again.buf[99]).to.equal(7)
    again.close()
    const sameList = new ShareableList(null, { name: list.name })
    expect([...sameList]).to.deep.equal([1, 2.5, 'three', null, true, Buffer.from('six')])
    sameList.close()
  })

  it('unlinks them at shutdown, open or closed; open ones stay usable', async () => {
    const memory = manager.SharedMemory(10)
    const closed = manager.SharedMemory(10)
    const list = manager.ShareableList(['a'])
    const unlinked = manager.SharedMemory(10)
    closed.close()
    unlinked.unlink()
    await manager.shutdown()
    for (const { name } of [memory, closed, list]) expect(exists(name)).to.equal(false)
    memory.buf[3] = 9
    list[0] = 'b'
    expect(memory.buf[3]).to.equal(9)
    expect(list[0]).to.equal('b')
    expect(codeThrown(() => memory.unlink())).to.equal('ENOENT')
  })

  it('frees the memory of closed ones at shutdown', async () => {
    const names = [manager.SharedMemory(10), manager.SharedMemory(10)].map((memory) => {
      memory.close()
      return memory.name
    })
    const held = () => descriptors().filter((link) => names.some((name) => link.startsWith(`/dev/shm/${name}`)))
    await manager.shutdown()
    expect(held()).to.deep.equal([])
  })

  it('can be shut down twice, also at once', async () => {
    await Promise.all([manager.shutdown(), manager.shutdown()])
    await manager.shutdown()
    expect(manager.pid).to.equal(undefined)
  })

  it('is for `await using`', async () => {
    let name: string
    {
      await using own = await new SharedMemoryManager().start()
      name = own.SharedMemory(1).name
      expect(exists(name)).to.equal(true)
    }
    expect(exists(name)).to.equal(false)
  })

  it('refuses use before start and after shutdown, and says which', async () => {
    const fresh = new SharedMemoryManager()
    for (const call of [() => fresh.SharedMemory(1), () => fresh.ShareableList([1])]) {
      const error = thrown(call)
      expect(error.code).to.equal('ERR_CLOSED')
      expect(error.message).to.match(/not started/)
    }
    await manager.shutdown()
    for (const call of [() => manager.SharedMemory(1), () => manager.ShareableList([1])]) {
      const error = thrown(call)
      expect(error.code).to.equal('ERR_CLOSED')
      expect(error.message).to.match(/shut down/)
    }
    await fresh.shutdown()
    expect((await rejected(fresh.start())).message).to.match(/shut down/)
    expect(await codeRejected(manager.start())).to.equal('ERR_CLOSED')
  })

  it('can be started once', async () => {
    expect(await codeRejected(manager.start())).to.equal('ERR_INVALID_STATE')
    const fresh = new SharedMemoryManager()
    const first = fresh.start()
    expect(await codeRejected(fresh.start())).to.equal('ERR_INVALID_STATE')
    expect(await first).to.equal(fresh)
    await fresh.shutdown()
  })

  it('can be shut down while it starts', async () => {
    const fresh = new SharedMemoryManager()
    const starting = fresh.start()
    await fresh.shutdown()
    expect(await starting).to.equal(fresh)
    expect(codeThrown(() => fresh.SharedMemory(1))).to.equal('ERR_CLOSED')
    expect(helpersHere()).to.deep.equal([String(manager.pid)])
  })

  it('refuses bad sizes and items, and makes nothing', () => {
    for (const size of [0, -1, 1.5, Number.NaN]) expect(codeThrown(() => manager.SharedMemory(size))).to.equal('ERR_OUT_OF_RANGE')
    expect(codeThrown(() => manager.SharedMemory('1' as unknown as number))).to.equal('ERR_INVALID_ARG_TYPE')
    for (const items of [[{}], 7, null, undefined])
      expect(codeThrown(() => manager.ShareableList(items as unknown as number[]))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(codeThrown(() => manager.ShareableList([2n ** 63n]))).to.equal('ERR_OUT_OF_RANGE')
    expect(codeThrown(() => manager.SharedMemory(2 ** 50))).to.be.oneOf(['ENOSPC', 'ENOMEM', 'EFBIG'])
  })

  it('does not remove what has taken the name of a block that was unlinked', async () => {
    const memory = manager.SharedMemory(10)
    memory.unlink()
    const other = new SharedMemory({ name: memory.name, create: true, size: 20 })
    await manager.shutdown()
    expect(exists(other.name)).to.equal(true)
    other.unlink()
    other.close()
    memory.close()
  })

  it('leaves the blocks of other managers, and those of none, alone', async () => {
    const others = await Promise.all([1, 2, 3].map(() => new SharedMemoryManager().start()))
    const memories = others.map((each) => each.SharedMemory(10))
    const own = new SharedMemory({ create: true, size: 10 })
    manager.SharedMemory(10)
    await manager.shutdown()
    for (const { name } of [own, ...memories]) expect(exists(name)).to.equal(true)
    await Promise.all(others.map((each) => each.shutdown()))
    for (const { name } of memories) expect(exists(name)).to.equal(false)
    expect(exists(own.name)).to.equal(true)
    own.unlink()
    own.close()
  })

  it('forgets blocks that are gone: their descriptors, and their records in the table', () => {
    const before = descriptors().length
    for (let i = 0; i < 5000; i++) {
      const memory = manager.SharedMemory(1)
      memory.unlink()
      memory.close()
    }
    expect(descriptors()).to.have.lengthOf(before)
    expect(statSync(`/proc/${manager.pid}/fd/3`).size)
      .to.be.above(0)
      .and.below(20_000)
  })

  it('is a process of less than 10 MiB, in a session of its own, that holds nothing of ours', () => {
    const pid = manager.pid as number
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
    expect(kib)
      .to.be.above(0)
      .and.below(10 * 1024)
    const session = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]
    expect(session).to.equal(String(pid))
    const held = descriptors(pid).filter((link) => !link.startsWith('anon_inode:'))
    expect(held).to.have.lengthOf(4)
    expect(held.filter((link) => link.startsWith('socket:'))).to.have.lengthOf(3)
    expect(held[3]).to.match(/^\/memfd:sharedctypes-manager/)
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).to.equal('')
  })

  it('says what it is', async () => {
    expect(inspect(manager)).to.equal(`SharedMemoryManager (pid ${manager.pid})`)
    expect(inspect(new SharedMemoryManager())).to.equal('SharedMemoryManager (not started)')
    await manager.shutdown()
    expect(inspect(manager)).to.equal('SharedMemoryManager (shut down)')
  })
})

describe('the blocks of a SharedMemoryManager are gone, and its process with them, when its own process', () => {
  const ends: Record<string, number> = { ends: 0, shutsDown: 0, exits: 3, throws: 1, rejects: 1 }
  for (const [how, code] of Object.entries(ends)) {
    it(how, async () => {
      const party = new ManagerParty(how)
      const { helper, names } = await party.says()
      expect(helper).to.be.above(0)
      expect(await party.ended).to.deep.equal([code, null])
      expect(helpersOf(party.pid)).to.deep.equal([])
      expect(names).to.have.lengthOf(2)
      for (const name of names) expect(exists(name), name).to.equal(false)
    })
  }

  it('leaves while it starts', async () => {
    const party = new ManagerParty('leavesWhileStarting')
    expect(await party.ended).to.deep.equal([0, null])
    expect(helpersOf(party.pid)).to.deep.equal([])
  })
})

describe('a SharedMemoryManager of a worker thread', () => {
  for (const [how, code] of Object.entries({ ends: 0, exits: 3, throws: 1 })) {
    it(`is gone with its blocks when the thread ${how}`, async () => {
      const worker = new Worker(partyProgram, { workerData: [how] })
      worker.on('error', () => {})
      const told = new Promise<Party>((resolve) => worker.once('message', resolve))
      const exited = new Promise((resolve) => worker.once('exit', resolve)) // once() would reject with what the thread throws
      const { names } = await told
      expect(await exited).to.equal(code)
      for (const name of names) expect(exists(name), name).to.equal(false)
      expect(helpersHere()).to.deep.equal([])
    })
  }

  it('is gone with its blocks when the thread is terminated', async () => {
    const worker = new Worker(partyProgram, { workerData: ['stays'] })
    const [{ names, helper }] = (await once(worker, 'message')) as [Party]
    expect(helpersHere()).to.deep.equal([String(helper)])
    for (const name of names) expect(exists(name), name).to.equal(true)
    await worker.terminate()
    for (const name of names) expect(exists(name), name).to.equal(false)
    expect(helpersHere()).to.deep.equal([])
  })
})

describe('a SharedMemoryManager without descriptors to be had', () => {
  it('fails with EMFILE, leaves nothing behind, and starts when there are some again', async () => {
    const child = spawn('sh', ['-c', 'ulimit -n 60; exec "$0" "$1"', process.execPath, fixturePath('manager-descriptors')])
    const [stdout, stderr, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, 'close')])
    expect({ stderr, code }).to.deep.equal({ stderr: '', code: 0 })
    const { codes, left, helpers, again } = JSON.parse(stdout) as { codes: string[]; left: number[]; helpers: number; again: boolean }
    expect(codes[0]).to.equal('EMFILE')
    expect(codes.at(-1)).to.equal('started')
    expect(new Set(codes)).to.deep.equal(new Set(['EMFILE', 'started']))
    expect(new Set(left).size).to.equal(1)
    expect(helpers).to.equal(0)
    expect(again).to.equal(true)
  })
})
