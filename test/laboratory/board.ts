/** What the processes of a program write down, in memory that outlives each of them. */
import { attach, type Handle, RawArray } from '../../lib/index.js'

/** A place for each process of a program, dead ones too. */
export const SLOTS = 64

/** Words of a process. Those from OWN on have the meaning that its primitive gives them. */
export const Column = {
  pid: 0,
  /** 1: it has opened everything. */
  ready: 1,
  /** Operations that have come to their end. */
  progress: 2,
  /** What it does at this moment; see Phase. */
  phase: 3,
  /** Which step of its program. */
  step: 4,
  /** It stands before the gate, closed for the time that this says. */
  gated: 5,
  own: 6,
} as const
const COLUMNS = 16

/** What the processes have in common. Those from OWN on as above. */
export const Shared = {
  /** Bit i: parties of role i stand still between two operations. */
  gate: 0,
  /** Bit i: waits of role i have no time-out. */
  patient: 1,
  /** How often the gate was closed. */
  closings: 2,
  own: 3,
} as const
const SHARED = 64

type Words = RawArray<'c_int32'>

export class Board {
  readonly words: Words

  private constructor(words: Words) {
    this.words = words
  }

  static create(): Board {
    return new Board(RawArray('c_int32', SHARED + SLOTS * COLUMNS))
  }

  static attach(handle: Handle): Board {
    return new Board(attach<Words>(handle))
  }

  /** The index of a process's word. */
  at(slot: number, column: number): number {
    return SHARED + slot * COLUMNS + column
  }

  get(slot: number, column: number): number {
    return Atomics.load(this.words, this.at(slot, column))
  }

  set(slot: number, column: number, value: number): void {
    Atomics.store(this.words, this.at(slot, column), value)
  }

  add(slot: number, column: number, value = 1): void {
    Atomics.add(this.words, this.at(slot, column), value)
  }

  /** Over all processes, dead ones too. */
  sum(column: number): number {
    let sum = 0
    for (let slot = 0; slot < SLOTS; slot++) sum += this.get(slot, column)
    return sum
  }
}
