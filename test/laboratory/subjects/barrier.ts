/** Barrier: a round is over for all parties that live, or for none. A death breaks it, and after a reset it is as good as new. */
import { Barrier, BrokenBarrierError, type Handle } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { Column, Shared } from '../board.js'
import type { Member } from '../crew.js'
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

type Words = Desk['board']['words']

const partiesOf = (variant: string) => Number(variant.split(' ')[0])
const Acting = Phase.inside

class BarrierPlay implements Play {
  readonly handles: { readonly barrier: Handle | string }
  readonly stale: readonly Handle[]
  readonly #bench: Bench
  readonly #barrier: Barrier
  readonly #acts: boolean

  constructor(bench: Bench, variant: string) {
    const parties = partiesOf(variant)
    const name = bench.freshName()
    this.#bench = bench
    this.#acts = variant.endsWith('action')
    this.#barrier = this.#acts ? Barrier(parties, { name }) : Barrier(parties)
    this.handles = { barrier: this.#acts ? name : this.#barrier.toJSON() }
    this.stale = this.#acts ? [] : [this.#barrier.toJSON()]
  }

  /** A new start. */
  #reset(): void {
    const { board, members } = this.#bench
    for (let i = 0; i < LAST_ROUNDS; i++) Atomics.store(board.words, INDEXES + i, 0)
    Atomics.store(board.words, ACTIONS, 0)
    for (const { slot } of members) {
      board.set(slot, ROUNDS, 0)
      board.set(slot, BROKEN, 0)
    }
    this.#barrier.reset()
    Atomics.add(board.words, EPOCH, 1)
  }

  async #toldOf(members: readonly Member[]): Promise<void> {
    for (const member of members)
      await this.#bench.reach(() => member.read(BROKEN) === 1, `party ${member.slot} is told that the barrier is broken`)
  }

  async #afterDeath(): Promise<void> {
    const { board, members } = this.#bench
    const survivors = members.slice(0, -1) // the last has taken the dead one's place
    await this.#toldOf(survivors)
    const rounds = survivors.map((member) => member.read(ROUNDS))
    if (new Set(rounds).size > 1) throw new Finding('broken rule', `a round was over for some only: ${rounds.join(', ')}`)
    const actions = Atomics.load(board.words, ACTIONS) - (rounds[0] ?? 0)
    if (this.#acts && (actions < 0 || actions > 1)) throw new Finding('broken rule', `${actions} actions more than rounds`)
    if (!this.#barrier.broken) throw new Finding('broken rule', 'all were told that it is broken, and it is not')
    await this.#toldOf(members)
    this.#reset()
  }

  async verify(dead: number | undefined): Promise<void> {
    if (dead !== undefined) await this.#afterDeath()
    await this.#bench.goOn(this.#bench.members, ROUNDS)
  }

  async finish(): Promise<void> {
    const barrier = this.#barrier
    barrier.reset()
    const waits = Array.from({ length: barrier.parties }, () => barrier.waitAsync({ timeout: this.#bench.patience.ms }))
    const indexes = await Promise.all(waits)
    if (indexes.sort().join() !== [...indexes.keys()].join())
      throw new Finding('broken rule', `a round of ours gave the places ${indexes.join(', ')}`)
  }

  close(): void {
    if (this.#acts) this.#barrier.unlink()
    this.#barrier.close()
  }
}

/** Each party of a round has another number. */
function claim(words: Words, round: number, index: number): void {
  const word = INDEXES + (round % LAST_ROUNDS)
  if (index === 0) Atomics.store(words, INDEXES + ((round + LAST_ROUNDS / 2) % LAST_ROUNDS), 0) // for later rounds
  if ((Atomics.or(words, word, 1 << index) & (1 << index)) !== 0) throw new Error(`two parties came as number ${index} of a round`)
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
        claim(words, board.get(slot, ROUNDS), index)
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
    open: (bench, variant) => new BarrierPlay(bench, variant),
    join,
  }
}

export const barrier2: Subject = subjectOf(2)
export const barrier3: Subject = subjectOf(3)
