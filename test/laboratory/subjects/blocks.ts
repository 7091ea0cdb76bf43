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

class Creator {
  readonly #desk: Desk
  readonly #cells: Words
  readonly #own: (SharedMemory | undefined)[] = Array.from({ length: CELLS })
  #turn = 0

  constructor(desk: Desk) {
    this.#desk = desk
    this.#cells = desk.open('cells')
  }

  create(step: Step): void {
    const index = this.#turn++ % CELLS
    this.drop(index)
    const block = new SharedMemory({ create: true, size: 1 + ((step.work * 7) % MOST_BYTES) })
    block.buf.fill(1 + (step.work % 255))
    this.#own[index] = block
    Atomics.store(this.#cells, this.#desk.slot * CELLS + index, wordOf(block.name))
    spend(step.work)
  }

  drop(index: number): void {
    const block = this.#own[index]
    this.#desk.phase(Phase.inside)
    if (block === undefined) return
    this.#own[index] = undefined
    if (!isWhole(block.buf)) throw new Error(`${block.name} is not what we wrote`)
    if (!exists(block.name)) throw new Error(`${block.name} has lost its name, and we use it`)
    Atomics.store(this.#cells, this.#desk.slot * CELLS + index, 0)
    block.unlink()
    block.close()
  }
}

class Attacher {
  readonly #desk: Desk
  readonly #cells: Words

  constructor(desk: Desk) {
    this.#desk = desk
    this.#cells = desk.open('cells')
  }

  attach({ n, work }: Step): void {
    this.#desk.phase(Phase.inside)
    for (let i = n; i < this.#cells.length; i += 3) {
      const word = Atomics.load(this.#cells, i)
      if (word !== 0) this.#look(i, word, work)
    }
  }

  #look(cell: number, word: number, work: number): void {
    const name = nameOf(word)
    try {
      using block = new SharedMemory({ name })
      const whole = isWhole(block.buf)
      if (!whole && this.#stays(cell, word)) throw new Error(`${name} is not whole`)
      spend(work)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      if (!exists(name) && this.#stays(cell, word)) throw new Error(`${name} has lost its name, and its creator uses it`)
    }
  }

  /** All the time its creator lived and had not begun to unlink it; after that the name may be another block's. */
  #stays(cell: number, word: number): boolean {
    return isAlive(this.#desk.board.get(Math.floor(cell / CELLS), Column.pid)) && Atomics.load(this.#cells, cell) === word
  }
}

function join(desk: Desk, role: string): Record<string, Operation> {
  if (role === 'attacher') {
    const attacher = new Attacher(desk)
    return { attach: (step) => attacher.attach(step) }
  }
  const creator = new Creator(desk)
  return { create: (step) => creator.create(step), drop: ({ n }) => creator.drop(n) }
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
