/** SharedMemory with names of its own choice: what is in use keeps its name, what was left by the dead is removed. */
import { readdirSync } from 'node:fs'
import { codeOf } from '../../../lib/errors.js'
import { SharedMemory } from '../../../lib/index.js'
import { native } from '../../../lib/native.js'
import { isAlive } from '../../helpers/proc.js'
import type { Bench } from '../bench.js'
import { Column } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'
import { CELLS, cellsOf, exists, makeCells, nameOf, type Words, wordOf } from './cells.js'

const MOST_BYTES = 20_000

const names = () => readdirSync('/dev/shm').filter((name) => name.startsWith('psm_'))

/** All its bytes are the same, and not 0. */
function isWhole(bytes: Buffer): boolean {
  return bytes[0] !== 0 && bytes.every((byte) => byte === bytes[0])
}

function play(bench: Bench): Play {
  const cells = makeCells()
  const before = names()

  async function verify(): Promise<void> {
    await bench.closeGate('creator', 'attacher')
    native.sweepOrphans(true)
    const live = bench.members.flatMap(({ slot }) => cellsOf(cells, slot))
    const there = names().filter((name) => !before.includes(name))
    for (const name of live) if (!there.includes(name)) throw new Finding('broken rule', `${name} is in use and has lost its name`)
    for (const name of there) if (!live.includes(name)) throw new Finding('leaked segment', `${name} is left, and nobody has it`)
    bench.openGate()
    await bench.goOn(bench.members)
  }

  return {
    handles: { cells: cells.toJSON() },
    verify,
    finish: async () => {
      native.sweepOrphans(true)
    },
    close: () => cells.close(),
    stale: [cells.toJSON()],
  }
}

function join({ board, slot, open, phase }: Desk): Record<string, Operation> {
  const cells = open<Words>('cells')
  const own: (SharedMemory | undefined)[] = Array.from({ length: CELLS })
  let turn = 0

  function create(step: Step): void {
    phase(Phase.inside)
    const index = turn++ % CELLS
    drop(index)
    const block = new SharedMemory({ create: true, size: 1 + ((step.work * 7) % MOST_BYTES) })
    block.buf.fill(1 + (step.work % 255))
    own[index] = block
    Atomics.store(cells, slot * CELLS + index, wordOf(block.name))
    spend(step.work)
  }

  function drop(index: number): void {
    const block = own[index]
    if (block === undefined) return
    own[index] = undefined
    if (!isWhole(block.buf)) throw new Error(`${block.name} is not what we wrote`)
    if (!exists(block.name)) throw new Error(`${block.name} has lost its name, and we use it`)
    Atomics.store(cells, slot * CELLS + index, 0)
    block.unlink()
    block.close()
  }

  function attachAny({ n, work }: Step): void {
    phase(Phase.inside)
    for (let i = n; i < cells.length; i += 3) {
      const word = Atomics.load(cells, i)
      if (word !== 0) look(i, word, work)
    }
  }

  function look(cell: number, word: number, work: number): void {
    const name = nameOf(word)
    try {
      using block = new SharedMemory({ name })
      const whole = isWhole(block.buf)
      spend(work)
      if (!whole && stays(cell, word)) throw new Error(`${name} is not whole`)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      if (stays(cell, word)) throw new Error(`${name} has lost its name, and its creator uses it`)
    }
  }

  /** Its creator lives and has not begun to unlink it. */
  function stays(cell: number, word: number): boolean {
    const creator = board.get(Math.floor(cell / CELLS), Column.pid)
    return isAlive(creator) && Atomics.load(cells, cell) === word && !exists(nameOf(word)) && isAlive(creator)
  }

  return { create, drop: ({ n }) => drop(n), attach: attachAny }
}

const FUNCTIONS = ['sweep_orphans', 'sweep_if_due', 'close_orphans', 'note', 'held_by', 'lease_keep', 'lease_drop', 'is_automatic']

export const blocks: Subject = {
  roles: {
    creator: {
      operations: ['create', 'create', 'drop'],
      functions: [...FUNCTIONS, 'automatic_name', 'RawKeep', 'RawClose', 'raw_release', 'open_unnamed', 'allocate'],
      phases: ['elsewhere', '', '', 'makes and unlinks'],
    },
    attacher: {
      operations: ['attach'],
      functions: [...FUNCTIONS, 'RawKeep', 'RawClose', 'raw_release'],
      phases: ['elsewhere', '', '', 'opens'],
    },
  },
  least: ['creator', 'creator', 'attacher'],
  most: 4,
  variants: [''],
  open: play,
  join,
}
