/** Commands of a specification, in a process of a crew. */
import { isThenable } from '../check.js'
import { isShared } from '../memory/shared-object.js'
import { closeAll } from './closing.js'
import type { Operation } from './history.js'
import { Recorder } from './recorder.js'
import { type AnyCommand, OBSERVE, type Place, specificationAt } from './specification.js'
import { type RaceWords, StartingLine } from './starting-line.js'

/** A call of a command. */
export interface Step {
  readonly name: string
  readonly args: readonly unknown[]
}

/** What one process does in each repetition. */
export interface Part {
  readonly number: number
  /** How many processes take part. */
  readonly parties: number
  /** Done before the others start, by process 0 alone. */
  readonly first: readonly Step[]
  readonly steps: readonly Step[]
  /** Process 0 observes what is left, when all are done. */
  readonly observed: boolean
}

/** A step as it is run: looked up once. */
type Ready = (objects: unknown, recorder: Recorder, spin: number) => unknown

/** So that repetitions of one schedule differ in how the processes meet: 0 to 255 turns, short ones as likely as long ones. */
function turnsFor(repetition: number, process: number, step: number): number {
  let hash = Math.imul(repetition + 1, 0x9e3779b1) ^ Math.imul(process + 1, 0x85ebca6b) ^ Math.imul(step + 1, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  hash = (hash ^ (hash >>> 15)) >>> 0
  return (hash >>> 4) & ((1 << ((hash & 15) % 9)) - 1)
}

const idle = new Int32Array(new SharedArrayBuffer(4))

/** Atomics, which the compiler does not leave out. */
function spin(turns: number): void {
  for (let i = 0; i < turns; i++) Atomics.load(idle, 0)
}

/** A copy of an argument for each repetition, as a command may change what it is given. Shared objects stay what they are. */
function fresh(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || isShared(arg)) return arg
  if (Array.isArray(arg)) return arg.map(fresh)
  if (Object.getPrototypeOf(arg) !== Object.prototype) return structuredClone(arg)
  return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, fresh(value)]))
}

function readyStep({ name, args }: Step, run: AnyCommand<unknown, unknown>['run']): Ready {
  return (objects, recorder, turns) => {
    const list = args.map(fresh)
    try {
      return recorder.perform(name, args, () => {
        spin(turns) // within the operation: behind their begin, which is a shared word's, processes would stand in line
        return run(objects, ...list)
      })
    } catch {
      return undefined // it is in the history
    }
  }
}

async function settled(pending: unknown): Promise<void> {
  await Promise.resolve(pending).catch(() => {}) // it is in the history
}

/** @throws ERR_NOT_EXPORTED if the module did not make it here */
export function findSpecification(place: Place): void {
  specificationAt(place)
}

/** Repeats a schedule, each time with fresh objects; the processes start each repetition at the same instant, without a message in between. */
export async function runRepetitions(place: Place, part: Part, words: RaceWords, sets: readonly unknown[]): Promise<Operation[][]> {
  const { definition, commands } = specificationAt(place)
  const { number, parties, observed } = part
  const line = new StartingLine(words, number, parties)
  const recorder = new Recorder(line, number)
  const ready = ({ name, args }: Step) => readyStep({ name, args }, commands.get(name)?.run as Ready)
  const [first, steps] = [number === 0 ? part.first.map(ready) : [], part.steps.map(ready)]
  const last = readyStep({ name: OBSERVE, args: [] }, definition.observe?.run as Ready)
  const histories: Operation[][] = []
  for (const [repetition, objects] of sets.entries()) {
    line.note(repetition, 0)
    for (const step of first) {
      const pending = step(objects, recorder, 0)
      if (isThenable(pending)) await settled(pending)
    }
    line.cross()
    for (let i = 0; i < steps.length; i++) {
      line.note(repetition, i + 1)
      const pending = (steps[i] as Ready)(objects, recorder, turnsFor(repetition, number, i))
      if (isThenable(pending)) await settled(pending)
    }
    line.note(repetition, steps.length + 1)
    if (observed) {
      line.cross()
      if (number === 0) await settled(last(objects, recorder, 0))
    }
    histories.push(recorder.take())
  }
  // To close gives back what this process holds, which process 0 may still be looking at.
  line.cross()
  closeAll(sets)
  return histories
}

/** Objects of the sequences that are going on; what a process holds of them is its own from one command to the next. */
const sessions = new Map<number, unknown>()

export function openSession(id: number, objects: unknown): void {
  sessions.set(id, objects)
}

export function closeSession(id: number): void {
  const objects = sessions.get(id)
  sessions.delete(id)
  closeAll(objects)
}

/** One command, by itself. */
export async function callCommand(place: Place, number: number, id: number, { name, args }: Step, words: RaceWords): Promise<Operation> {
  const recorder = new Recorder(new StartingLine(words, number, 1), number)
  const { commands, definition } = specificationAt(place)
  const run = (name === OBSERVE ? definition.observe : commands.get(name))?.run as Ready
  await settled(readyStep({ name, args }, run)(sessions.get(id), recorder, 0))
  return recorder.take()[0] as Operation
}
