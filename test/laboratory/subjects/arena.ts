/** Small objects: their creator makes and closes them while others open them by handle. A place is not used anew while anybody has it open. */
import { codeOf } from '../../../lib/errors.js'
import { attach, type Handle, Lock, RawArray, Value, type ValueType } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { SLOTS } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'

/** Where a process's latest object is told: length of a text, and the text. */
const ROOM = 1024
const LENGTH_BYTES = 4

type Bytes = RawArray<'c_ubyte'>
type Stamped = ValueType<'c_int'>
interface Told {
  readonly stamp: number
  readonly handle: Handle
}

/** Texts that processes tell each other, under a lock; who is killed while it writes has told nothing. */
class News {
  readonly lock: Lock
  readonly bytes: Bytes
  readonly #lengths: DataView

  constructor(lock: Lock, bytes: Bytes) {
    this.lock = lock
    this.bytes = bytes
    this.#lengths = new DataView(bytes.buffer, bytes.byteOffset)
  }

  tell(slot: number, told: Told): void {
    const text = Buffer.from(JSON.stringify(told))
    if (text.length > ROOM - LENGTH_BYTES) throw new Error(`no room for ${text.length} bytes`)
    this.lock.withLock(() => {
      this.#lengths.setUint32(slot * ROOM, 0)
      this.bytes.set(text, slot * ROOM + LENGTH_BYTES)
      this.#lengths.setUint32(slot * ROOM, text.length)
    })
  }

  hear(slot: number): Told | undefined {
    const text = this.lock.withLock(() => {
      const from = slot * ROOM + LENGTH_BYTES
      return Buffer.from(this.bytes.slice(from, from + this.#lengths.getUint32(slot * ROOM))).toString()
    })
    return text === '' ? undefined : (JSON.parse(text) as Told)
  }
}

/** Nobody has it open any more, or its creator is gone. */
const GONE = new Set(['ERR_STALE_HANDLE', 'ENOENT', 'ESRCH'])

function look({ stamp, handle }: Told, step: Pick<Step, 'work'>): void {
  let value: Stamped
  try {
    value = attach<Stamped>(handle)
  } catch (error) {
    if (GONE.has(codeOf(error) ?? '')) return
    throw error
  }
  for (let i = 0; i < 3; i++) {
    const found = value.withLock(() => value.value)
    if (found !== stamp) throw new Error(`the object has ${found}, its handle says ${stamp}`)
    spend(step.work)
  }
  value.close()
}

function play(bench: Bench): Play {
  const news = new News(Lock(), RawArray('c_ubyte', SLOTS * ROOM))
  const handles = { lock: news.lock.toJSON(), bytes: news.bytes.toJSON() }
  const told = () => Array.from({ length: SLOTS }, (_, slot) => news.hear(slot)).filter((each) => each !== undefined)
  return {
    handles,
    verify: async () => {
      for (const each of told()) look(each, { work: 100 })
      await bench.goOn(bench.members)
    },
    finish: async () => {
      // Their creators are dead, and we have none of them open.
      for (const { handle } of told()) {
        try {
          attach<Stamped>(handle).close()
        } catch (error) {
          if (GONE.has(codeOf(error) ?? '')) continue
          throw error
        }
        throw new Finding('leaked segment', 'a small object outlives all who used it')
      }
    },
    close: () => {
      news.lock.close()
      news.bytes.close()
    },
    stale: Object.values(handles),
  }
}

function join({ slot, open, phase }: Desk): Record<string, Operation> {
  const news = new News(open('lock'), open('bytes'))
  const own: { value: Stamped; stamp: number }[] = []
  let made = 0
  return {
    make: ({ n, work }) => {
      phase(Phase.inside)
      for (let i = 0; i < n * 4; i++) {
        const stamp = slot * 1_000_000 + ++made
        const value = Value('c_int', stamp)
        own.push({ value, stamp })
        if (i === 0) news.tell(slot, { stamp, handle: value.toJSON() })
      }
      spend(work)
    },
    drop: ({ n }) => {
      phase(Phase.inside)
      for (const { value, stamp } of own.splice(0, n * 8)) {
        if (value.value !== stamp) throw new Error(`our object has ${value.value}, we wrote ${stamp}`)
        value.close()
      }
    },
    open: (step) => {
      phase(Phase.inside)
      for (let other = 0; other < SLOTS; other++) {
        const told = news.hear(other)
        if (told !== undefined) look(told, step)
      }
    },
  }
}

export const arena: Subject = {
  roles: {
    creator: {
      operations: ['make', 'drop', 'drop'],
      functions: ['arena_create', 'arena_drop', 'free_block', 'mutex_init', 'sweep_dead', 'ShortLock::ShortLock', 'CreateSmall'],
      phases: ['elsewhere', '', '', 'makes and closes'],
    },
    attacher: {
      operations: ['open'],
      functions: [
        'arena_open',
        'arena_drop',
        'arena_content',
        'join_slots',
        'take_slot',
        'leave_slots',
        'sweep_dead',
        'sweep_slot',
        'ShortLock::ShortLock',
        'OpenSmall',
      ],
      phases: ['elsewhere', '', '', 'opens and closes'],
    },
  },
  least: ['creator', 'creator', 'attacher'],
  most: 4,
  variants: [''],
  open: play,
  join,
}
