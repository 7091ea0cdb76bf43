/** Named objects: made, opened and unlinked by several at once. Nobody ever sees one that is half made, and nothing stays that nobody named. */
import { codeOf } from '../../../lib/errors.js'
import { Event, Lock, Semaphore, Array as SharedArray, type SharedObject, Value } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { type Desk, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'

const STAMP = 0x5ca1ab1e
const LENGTH = 3000
const NAMES = 2

interface Options {
  readonly name: string
  readonly create?: boolean
}
interface Kind {
  make(options: Options): SharedObject
  /** Whether it is whole. */
  check(object: SharedObject): boolean
}

function kindOf<T>(make: (options: Options) => T, check: (object: T) => boolean): Kind {
  return { make: make as (options: Options) => SharedObject, check: (object) => check(object as T) }
}

const kinds: Readonly<Record<string, Kind>> = {
  Value: kindOf(
    (options) => Value('c_int', STAMP, options),
    (value) => value.withLock(() => value.value === STAMP),
  ),
  Array: kindOf(
    (options) => SharedArray('c_int', new Int32Array(LENGTH).fill(STAMP), options),
    (array) => array.length === LENGTH && array.every((item) => item === STAMP),
  ),
  Lock: kindOf(
    (options) => Lock(options),
    (lock) => lock.withLock(() => lock.owner?.pid === process.pid),
  ),
  Semaphore: kindOf(
    (options) => Semaphore(2, options),
    (semaphore) => {
      if (semaphore.tryAcquire()) semaphore.release()
      return semaphore.value <= 2
    },
  ),
  Event: kindOf(
    (options) => Event(options),
    (event) => !event.wait(0),
  ),
}

const expected = new Set(['ENOENT', 'EEXIST'])

/** Opens, looks, and closes; nothing where the name is there already, or is not. */
function use(kind: Kind, options: Options, work = 0): void {
  let object: SharedObject
  try {
    object = kind.make(options)
  } catch (error) {
    if (expected.has(codeOf(error) ?? '')) return
    throw error
  }
  if (!kind.check(object)) throw new Error(`'${options.name}' is not what it was made as`)
  spend(work)
  object.close()
}

function unlink(kind: Kind, name: string): void {
  let object: SharedObject
  try {
    object = kind.make({ name, create: false })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  try {
    object.unlink()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error // somebody was faster
  }
  object.close()
}

function play(bench: Bench, variant: string): Play {
  const kind = kinds[variant] as Kind
  const names = Array.from({ length: NAMES }, () => bench.freshName())
  return {
    handles: Object.fromEntries(names.map((name, i) => [`${i}`, name])),
    verify: async () => {
      for (const name of names) use(kind, { name })
      await bench.goOn(bench.members)
    },
    finish: async () => {
      for (const name of names) {
        use(kind, { name })
        use(kind, { name, create: false })
      }
    },
    close: () => {
      for (const name of names) unlink(kind, name)
    },
    stale: [],
  }
}

function join({ variant, phase, given }: Desk): Record<string, Operation> {
  const kind = kinds[variant] as Kind
  const name = ({ n }: Step) => given(`${n % NAMES}`) as string
  const within = (call: (step: Step) => void) => (step: Step) => {
    phase(Phase.inside)
    call(step)
  }
  return {
    open: within((step) => use(kind, { name: name(step) }, step.work)),
    create: within((step) => use(kind, { name: name(step), create: true }, step.work)),
    attach: within((step) => use(kind, { name: name(step), create: false }, step.work)),
    unlink: within((step) => unlink(kind, name(step))),
  }
}

const OPENING = [
  'open_descriptor',
  'open_named',
  'join_slots',
  'take_slot',
  'leave_slots',
  'sweep_slot',
  'close_object',
  'mutex_sound',
  'find_header',
  'fault_of',
]
const phases = (what: string) => ['elsewhere', '', '', what]

export const named: Subject = {
  roles: {
    creator: {
      operations: ['open', 'create'],
      functions: [
        'write_header',
        // Where nothing may be half made: four times as likely as the rest.
        'link_file',
        'link_file',
        'link_file',
        'link_file',
        'Publish',
        'create_unnamed_file',
        'take_first_slot',
        'open_unnamed',
        'allocate',
        'mutex_init',
        'semaphore_init',
        ...OPENING,
      ],
      phases: phases('creates or opens'),
    },
    attacher: { operations: ['attach'], functions: OPENING, phases: phases('opens') },
    unlinker: { operations: ['unlink'], functions: OPENING, phases: phases('unlinks') },
  },
  least: ['creator', 'attacher', 'unlinker'],
  most: 4,
  variants: Object.keys(kinds),
  open: play,
  join,
}
