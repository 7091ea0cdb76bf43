/** SharedMemoryManager: when its owner is killed its helper removes all blocks; when the helper is killed, shutdown or the next sweep does. */
import { codeOf } from '../../../lib/errors.js'
import { SharedMemoryManager } from '../../../lib/index.js'
import { native } from '../../../lib/native.js'
import { helpersOf } from '../../helpers/managers.js'
import type { Bench } from '../bench.js'
import { Column } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'
import { CELLS, cellsOf, exists, makeCells, type Words, wordOf } from './cells.js'

/** 1: it has killed a helper; 1: the helper of its manager is one of them. */
const HELPERS_KILLED = Column.own
const HELPLESS = Column.own + 1

function play(bench: Bench): Play {
  const cells = makeCells()
  const { board } = bench
  const settled = new Set<number>()

  async function settle(slot: number): Promise<void> {
    if (settled.has(slot)) return
    settled.add(slot)
    const pid = board.get(slot, Column.pid)
    await bench.reach(() => helpersOf(pid).length === 0, `the helper of process ${pid} ends`)
    if (board.get(slot, HELPLESS) === 1) native.sweepOrphans(true)
    for (const name of cellsOf(cells, slot)) if (exists(name)) throw new Finding('leaked segment', `${name} is left of process ${pid}`)
  }
  return {
    handles: { cells: cells.toJSON() },
    verify: async (dead) => {
      if (dead !== undefined) await settle(dead)
      await bench.goOn(bench.members)
    },
    finish: async () => {
      for (let slot = 0; board.get(slot, Column.pid) !== 0; slot++) await settle(slot)
      // Of those who had no helper any more, what they had not told of.
      if (board.sum(HELPERS_KILLED) > 0) native.sweepOrphans(true)
    },
    tally: () => ({ 'helper: any time': board.sum(HELPERS_KILLED) }),
    close: () => cells.close(),
    stale: [cells.toJSON()],
  }
}

/** Each block has a descriptor of its maker until it is removed, and a process 20,000 at most here. */
const MOST_MADE = 1000

function join({ board, slot, open, phase }: Desk): Record<string, Operation> {
  const cells = open<Words>('cells')
  let manager: SharedMemoryManager | undefined
  let made = 0

  async function started(): Promise<SharedMemoryManager> {
    if (manager !== undefined) return manager
    manager = await new SharedMemoryManager().start()
    return manager
  }
  async function shutDown(): Promise<void> {
    await manager?.shutdown()
    manager = undefined
    board.set(slot, HELPLESS, 0)
    for (const name of cellsOf(cells, slot)) if (exists(name)) throw new Error(`${name} is left after shutdown`)
    for (let i = 0; i < CELLS; i++) Atomics.store(cells, slot * CELLS + i, 0)
  }
  return {
    make: async ({ n, work }: Step) => {
      phase(Phase.inside)
      if (made >= MOST_MADE) {
        await shutDown()
        made = 0
      }
      const maker = await started()
      for (let i = 0; i < n; i++) {
        try {
          const block = made % 2 === 0 ? maker.SharedMemory(1 + work) : maker.ShareableList([made, 'text'])
          Atomics.store(cells, slot * CELLS + (made++ % CELLS), wordOf(block.name))
          block.close()
        } catch (error) {
          if (codeOf(error) !== 'ERR_CLOSED' || board.get(slot, HELPLESS) === 0) throw error
        }
      }
      spend(work)
    },
    shutdown: async () => {
      phase(Phase.waitingAsync)
      await shutDown()
    },
    killHelper: async () => {
      if (board.get(slot, HELPERS_KILLED) > 0) return // one each: it is owners that the laboratory is to kill
      const { pid } = await started()
      board.set(slot, HELPLESS, 1)
      board.add(slot, HELPERS_KILLED)
      process.kill(pid as number, 'SIGKILL')
    },
  }
}

export const manager: Subject = {
  roles: {
    owner: {
      operations: ['make', 'make', 'shutdown', 'killHelper'],
      functions: [
        'Manager::write_at',
        'Manager::alive',
        'Manager::collect',
        'Manager::start',
        'Manager::record',
        'RawKeep',
        'automatic_name',
        'open_unnamed',
      ],
      phases: ['elsewhere', '', 'shuts down', 'makes blocks'],
    },
  },
  least: ['owner', 'owner'],
  most: 3,
  variants: [''],
  open: play,
  join,
}
