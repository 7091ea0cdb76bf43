/** Barrier: a round is over for all parties that live, or for none. A death breaks it, and after a reset it is as good as new. */
import { Barrier, BrokenBarrierError } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { Column, Shared } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Subject, spend } from '../subject.js'

/** Rounds since the last reset; 1: it has found the barrier broken. */
const ROUNDS = Column.own
const BROKEN = Column.own + 1
/** Counts resets. */
const EPOCH = Shared.own
const ACTIONS = Shared.own + 1
/** Bit i: somebody was told that it came as number i; a word for each of the last rounds. */
const INDEXES = Shared.own + 2
const LAST_ROUNDS = 32

const partiesOf = (variant: string) => Number(variant.split(' ')[0])
const Acting = Phase.inside

function play(bench: Bench, variant: string): Play {
  const acts = variant.endsWith('action')
  const parties = partiesOf(variant)
  const name = bench.freshName()
  const barrier = acts ? Barrier(parties, { name }) : Barrier(parties)
  const { words } = bench.board

  /** A new start. */
  function reset(): void {
    for (let i = 0; i < LAST_ROUNDS; i++) Atomics.store(words, INDEXES + i, 0)
    Atomics.store(words, ACTIONS, 0)
    for (const { slot } of bench.members) {
      bench.board.set(slot, ROUNDS, 0)
      bench.board.set(slot, BROKEN, 0)
    }
    barrier.reset()
    Atomics.add(words, EPOCH, 1)
  }

  async function afterDeath(): Promise<void> {
    const survivors = bench.members.slice(0, -1) // the last has taken the dead one's place
    for (const { slot } of survivors)
      await bench.reach(() => bench.board.get(slot, BROKEN) === 1, `party ${slot} is told that the barrier is broken`)
    const rounds = survivors.map(({ slot }) => bench.board.get(slot, ROUNDS))
    if (new Set(rounds).size > 1) throw new Finding('broken rule', `a round was over for some only: ${rounds.join(', ')}`)
    const actions = Atomics.load(words, ACTIONS) - (rounds[0] ?? 0)
    if (acts && (actions < 0 || actions > 1)) throw new Finding('broken rule', `${actions} actions more than rounds`)
    if (!barrier.broken) throw new Finding('broken rule', 'all were told that it is broken, and it is not')
    await bench.reach(() => bench.members.every(({ ready }) => ready), 'the next party comes')
    for (const { slot } of bench.members)
      await bench.reach(() => bench.board.get(slot, BROKEN) === 1, `party ${slot} is told that it is broken`)
    reset()
  }

  return {
    handles: { barrier: acts ? name : barrier.toJSON() },
    verify: async (dead) => {
      if (dead !== undefined) await afterDeath()
      for (const { slot } of bench.members) {
        const before = bench.board.get(slot, ROUNDS)
        await bench.reach(() => bench.board.get(slot, ROUNDS) > before, `party ${slot} comes to the end of a round`)
      }
    },
    finish: async () => {
      barrier.reset()
      const waits = Array.from({ length: parties }, () => barrier.waitAsync({ timeout: bench.patience.ms }))
      const indexes = await Promise.all(waits)
      if (indexes.sort().join() !== Array.from({ length: parties }, (_, i) => i).join())
        throw new Finding('broken rule', `a round of ours gave the places ${indexes.join(', ')}`)
    },
    close: () => {
      if (acts) barrier.unlink()
      barrier.close()
    },
    stale: acts ? [] : [barrier.toJSON()],
  }
}

function join(desk: Desk): Record<string, Operation> {
  const { board, slot, variant, open, phase } = desk
  const { words } = board
  const parties = partiesOf(variant)
  const given = desk.given('barrier')
  let work = 0
  const action = () => {
    phase(Acting)
    Atomics.add(words, ACTIONS, 1)
    spend(work)
  }
  const barrier = typeof given === 'string' ? Barrier(parties, { name: given, create: false, action }) : open<Barrier>('barrier')

  function claim(round: number, index: number): void {
    const word = INDEXES + (round % LAST_ROUNDS)
    if (index === 0) Atomics.store(words, INDEXES + ((round + LAST_ROUNDS / 2) % LAST_ROUNDS), 0) // for later rounds
    if ((Atomics.or(words, word, 1 << index) & (1 << index)) !== 0) throw new Error(`two parties came as number ${index} of a round`)
  }

  async function awaitReset(): Promise<void> {
    phase(Phase.between)
    const epoch = Atomics.load(words, EPOCH)
    board.set(slot, BROKEN, 1)
    while (Atomics.load(words, EPOCH) === epoch) await pause()
  }

  return {
    wait: async (step) => {
      work = step.work
      spend(step.work)
      phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
      try {
        const index = step.how === 'sync' ? barrier.wait() : await barrier.waitAsync()
        claim(board.get(slot, ROUNDS), index)
        board.add(slot, ROUNDS)
      } catch (error) {
        if (!(error instanceof BrokenBarrierError)) throw error
        await awaitReset()
      }
    },
  }
}

const FUNCTIONS = [
  'barrier_arrive',
  'barrier_look',
  'barrier_release',
  'barrier_tend',
  'is_broken',
  'let_go',
  'decided',
  'count_waiting',
  'unpark_locked',
  'for_each_record<broadcast>',
  'grant',
  'grant',
  'Wakes::~Wakes',
  'park_locked',
  'park_sleep',
  'free_record',
  'LotLock::LotLock',
  'LotLock::~LotLock',
  'WatchedBarrier::tend',
]
const role = (parties: number) => ({
  [`of ${parties}`]: {
    operations: ['wait'],
    functions: FUNCTIONS,
    phases: ['elsewhere', 'waits, blocking', 'waits, asynchronous', 'runs the action'],
  },
})

function subjectOf(parties: number): Subject {
  return {
    roles: role(parties),
    least: Array.from({ length: parties }, () => `of ${parties}`),
    most: parties,
    variants: [`${parties}`, `${parties} with an action`],
    open: play,
    join,
  }
}

export const barrier2: Subject = subjectOf(2)
export const barrier3: Subject = subjectOf(3)
