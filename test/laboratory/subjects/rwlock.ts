/** RWLock: no reader beside a writer, nobody sees what is half written, and nobody waits for the dead. */
import { RWLock } from '../../../lib/index.js'
import { isAlive } from '../../helpers/proc.js'
import type { Bench } from '../bench.js'
import { Column, Shared } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'

/** The same number whenever nobody writes. */
const FIRST = Shared.own
const SECOND = Shared.own + 1
/** Who writes, by pid. */
const WRITER = Shared.own + 2
/** Writes acknowledged, and begun. */
const DONE = Column.own
const BEGUN = Column.own + 1

type Words = Desk['board']['words']

function mend(words: Words): void {
  Atomics.store(words, SECOND, Atomics.load(words, FIRST))
  Atomics.store(words, WRITER, 0)
}

function play(bench: Bench): Play {
  const { board } = bench
  const { words } = board
  const lock = RWLock({ name: bench.freshName(), onOwnerDied: () => mend(words) })
  const { ms: timeout } = bench.patience

  function look(): void {
    const [first, second] = [Atomics.load(words, FIRST), Atomics.load(words, SECOND)]
    if (first !== second) throw new Finding('broken rule', `half written: ${first} and ${second}`)
  }
  async function verify(): Promise<void> {
    const least = board.sum(DONE)
    if (!(await lock.write.acquireAsync({ timeout }))) throw new Finding('hang', 'the next writer does not get the lock')
    look()
    const written = Atomics.load(words, FIRST)
    lock.write.release()
    const most = board.sum(BEGUN)
    if (written < least) throw new Finding('lost update', `${written} writes are there, ${least} were made`)
    if (written > most) throw new Finding('broken rule', `${written} writes are there, ${most} were begun`)
    if (!(await lock.read.acquireAsync({ timeout }))) throw new Finding('hang', 'the next reader does not get the lock')
    look()
    lock.read.release()
    await bench.goOn(bench.members)
  }

  return {
    handles: { lock: lock.name as string },
    verify,
    finish: async () => {
      await verify()
      if (lock.read.locked || lock.write.locked) throw new Finding('broken rule', 'the lock is held, and nobody lives')
    },
    close: () => {
      lock.unlink()
      lock.close()
    },
    stale: [],
  }
}

function join({ board, slot, given, phase, limit }: Desk): Record<string, Operation> {
  const { words } = board
  const lock = RWLock({ name: given('lock') as string, create: false, onOwnerDied: () => mend(words) })

  async function hold(half: 'read' | 'write', step: Step, inside: () => void): Promise<void> {
    phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
    const timeout = limit(step)
    if (!(step.how === 'sync' ? lock[half].acquire(timeout) : await lock[half].acquireAsync({ timeout }))) return
    phase(Phase.inside)
    inside()
    lock[half].release()
  }

  function look(step: Step): void {
    const first = Atomics.load(words, FIRST)
    spend(step.work)
    const writer = Atomics.load(words, WRITER)
    if (writer !== 0 && writer !== process.pid && isAlive(writer)) throw new Error(`process ${process.pid} reads beside writer ${writer}`)
    if (Atomics.load(words, SECOND) !== first || Atomics.load(words, FIRST) !== first) throw new Error('what it reads changes')
  }

  function change(step: Step): void {
    if (Atomics.load(words, SECOND) !== Atomics.load(words, FIRST)) throw new Error('half written, and nobody was told')
    const other = Atomics.exchange(words, WRITER, process.pid)
    if (other !== 0) throw new Error(`process ${process.pid} writes beside ${other}`)
    board.add(slot, BEGUN)
    Atomics.add(words, FIRST, 1)
    spend(step.work)
    Atomics.add(words, SECOND, 1)
    board.add(slot, DONE)
    Atomics.store(words, WRITER, 0)
  }

  return {
    read: (step) => hold('read', step, () => look(step)),
    write: (step) => hold('write', step, () => change(step)),
    /** Writes, and goes on as a reader. */
    downgrade: async (step) => {
      phase(Phase.waiting)
      if (!lock.write.acquire(limit(step))) return
      phase(Phase.inside)
      change(step)
      if (!lock.read.acquire(0)) throw new Error('a writer may read')
      lock.write.release()
      look(step)
      lock.read.release()
    },
  }
}

const phases = (inside: string) => ['elsewhere', 'waits, blocking', 'waits, asynchronous', inside]
const COMMON = [
  'ledger_enter',
  'rwlock_tend',
  'LotLock::LotLock',
  'LotLock::~LotLock',
  'park_locked',
  'park_leave',
  'park_sleep',
  'unpark',
  'bury',
  'slot_alive',
]

export const rwlock: Subject = {
  roles: {
    reader: {
      operations: ['read'],
      functions: [...COMMON, 'ledger_move<read_try>', 'ReadRelease', 'read_wake', 'ReadTry<false>', 'WatchedRead::can_go_on'],
      phases: phases('reads'),
    },
    writer: {
      operations: ['write', 'write', 'downgrade'],
      functions: [
        ...COMMON,
        'write_enter',
        'write_leave',
        'WriteEnter',
        'WriteLeave',
        'LockWait',
        'unlock',
        'after_lock',
        'WatchedWrite::can_go_on',
      ],
      phases: phases('writes'),
    },
  },
  least: ['reader', 'writer'],
  most: 4,
  variants: [''],
  open: play,
  join,
}
