/** SharedMemoryManager, when its process, its helper, or users of its blocks are killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { expect } from 'chai'
import { ShareableList, SharedMemoryManager, Value } from '../../lib/index.js'
import { native } from '../../lib/native.js'
import { MANAGED_BYTES, MANAGED_TEXT } from '../fixtures/manager-party.js'
import { until, untilBusily } from '../helpers/deferred.js'
import { codeThrown } from '../helpers/errors.js'
import { blocksOfSize, exists, helpersHere, helpersOf, ManagerParty, partyProgram } from '../helpers/managers.js'
import { isAlive, stateOf } from '../helpers/proc.js'
import { randomFrom, seedFor } from '../helpers/random.js'

describe('the blocks of a SharedMemoryManager are gone when its process', () => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGSEGV'] as const) {
    it(`dies of ${signal}`, async () => {
      const party = new ManagerParty('stays')
      const { helper, names } = await party.says()
      for (const name of names) expect(exists(name), name).to.equal(true)
      expect(helpersOf(party.pid)).to.deep.equal([helper])
      party.child.kill(signal)
      expect(await party.ended).to.deep.equal([null, signal])
      await party.helpersGone()
      for (const name of names) expect(exists(name), name).to.equal(false)
    })
  }

  it("dies, and another one has inherited its end of the helper's socket", async () => {
    const party = new ManagerParty('bequeaths')
    const { names, heir } = await party.says()
    await party.kill()
    expect(names.filter(exists)).to.deep.equal([])
    process.kill(heir as number, 'SIGKILL')
  })

  it('dies of a Ctrl-C that goes to its whole process group', async () => {
    const party = new ManagerParty('stays', '', { detached: true })
    const { names } = await party.says()
    process.kill(-party.pid, 'SIGINT')
    expect(await party.ended).to.deep.equal([null, 'SIGINT'])
    await party.helpersGone()
    for (const name of names) expect(exists(name), name).to.equal(false)
  })
})

describe('the helper of a SharedMemoryManager', () => {
  let manager: SharedMemoryManager
  beforeEach(async () => {
    manager = await new SharedMemoryManager().start()
  })
  afterEach(async () => {
    await manager.shutdown()
    expect(helpersHere()).to.deep.equal([])
  })
  const dead = () => until(() => stateOf(manager.pid as number) === 'Z') // ours to wait for, at shutdown

  it('outlives a Ctrl-C that its process handles', async () => {
    const party = new ManagerParty('outlivesSigint', '', { detached: true })
    const first = await party.says()
    process.kill(-party.pid, 'SIGINT')
    const second = await party.says()
    expect(second.helper).to.equal(first.helper)
    expect(await party.ended).to.deep.equal([0, null])
    for (const name of [...first.names, ...second.names]) expect(exists(name), name).to.equal(false)
  })

  it('takes no notice of the signals of terminals and pipes', () => {
    const pid = manager.pid as number
    const signals = ['SIGINT', 'SIGHUP', 'SIGPIPE', 'SIGQUIT', 'SIGTSTP', 'SIGALRM', 'SIGUSR1'] as const
    for (const signal of signals) process.kill(pid, signal)
    const pending = BigInt(`0x${/^ShdPnd:\s+(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]}`)
    for (const signal of signals) expect((pending >> BigInt(constants.signals[signal] - 1)) & 1n, signal).to.equal(1n)
  })

  it('removes all blocks when it is told to end, alone; the manager makes no more', async () => {
    const memory = manager.SharedMemory(10)
    process.kill(manager.pid as number, 'SIGTERM')
    await dead()
    expect(exists(memory.name)).to.equal(false)
    expect(codeThrown(() => manager.SharedMemory(10))).to.equal('ERR_CLOSED')
  })

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    it(`may get a SIGKILL or stand still: shutdown removes all (${signal})`, async () => {
      const memory = manager.SharedMemory(10)
      process.kill(manager.pid as number, signal)
      if (signal === 'SIGKILL') {
        await dead()
        expect(codeThrown(() => manager.SharedMemory(10))).to.equal('ERR_CLOSED')
        expect(codeThrown(() => manager.ShareableList([1]))).to.equal('ERR_CLOSED')
      } else {
        await until(() => stateOf(manager.pid as number) === 'T')
      }
      expect(exists(memory.name)).to.equal(true)
      await manager.shutdown()
      expect(exists(memory.name)).to.equal(false)
    })
  }

  it('is killed, then its process: what is left are orphans, which a sweep removes', async () => {
    const party = new ManagerParty('stays')
    const { helper, names } = await party.says()
    process.kill(helper, 'SIGKILL')
    await until(() => !isAlive(helper))
    await party.kill()
    native.sweepOrphans(true)
    for (const name of names) expect(exists(name), name).to.equal(false)
  })

  it('lets blocks be whose users are killed', async () => {
    const memory = manager.SharedMemory(10)
    const list = manager.ShareableList(['abc'])
    const child = spawn(process.execPath, [partyProgram, 'attachesAndIsKilled', memory.name], { stdio: 'inherit' })
    expect(await once(child, 'exit')).to.deep.equal([null, 'SIGKILL'])
    for (const { name } of [memory, list]) expect(exists(name)).to.equal(true)
    expect(memory.buf[0]).to.equal(42)
    using again = new ShareableList(null, { name: list.name })
    expect(again[0]).to.equal('abc')
  })
})

describe('a SharedMemoryManager whose process is killed at random moments', function () {
  this.timeout(300_000)

  /** Of the campaign's blocks. A list of one string: length, two offsets, the slot, format and code. */
  const sizes = [MANAGED_BYTES, 24 + 8 * (Math.floor(MANAGED_TEXT.length / 8) + 1) + 8 + 1]

  async function campaign(how: string, kills: number, most: number): Promise<number> {
    const random = randomFrom(seedFor(how))
    let made = 0
    const lane = async () => {
      using count = Value('c_int', 0)
      while (kills-- > 0) {
        const party = new ManagerParty(how, JSON.stringify(count))
        const goal = 1 + random(most)
        await party.says()
        await untilBusily(() => count.value >= goal)
        await party.kill()
        made += count.value
        count.value = 0
      }
    }
    await Promise.all([lane(), lane(), lane()])
    return made
  }

  it('leaves nothing of what it made', async () => {
    // So that the check at the end can be believed.
    const manager = await new SharedMemoryManager().start()
    const names = [manager.SharedMemory(MANAGED_BYTES).name, manager.ShareableList([MANAGED_TEXT]).name]
    expect(blocksOfSize(sizes)).to.have.members(names)
    await manager.shutdown()
    const made = await campaign('creates', 100, 1000)
    console.log(`      100 kills, at least ${made} blocks`)
    expect(blocksOfSize(sizes)).to.deep.equal([])
  })

  it('leaves nothing of what it started and shut down', async () => {
    await campaign('restarts', 40, 20)
    expect(blocksOfSize(sizes)).to.deep.equal([])
  })
})
