/** What the laboratory knows of a primitive: who uses it how, and what must be true whoever dies. */
import type { Handle } from '../../lib/index.js'
import type { Bench } from './bench.js'
import type { Board } from './board.js'

/** One operation of a party's program. */
export interface Step {
  readonly operation: string
  readonly how: 'sync' | 'async'
  /** ms; null: for ever. */
  readonly timeout: null | 0 | 1 | 5
  /** Turns of a loop, where the operation has something to do. */
  readonly work: number
  readonly n: number
}

/** What a process does: 0 always stands for what lies between two operations. */
export const Phase = { between: 0, waiting: 1, waitingAsync: 2, inside: 3 } as const

export type Operation = (step: Step) => unknown

/** What a party has. */
export interface Desk {
  readonly slot: number
  readonly board: Board
  readonly variant: string
  /** What `Play.handles` gave, by the same names. */
  open<T>(name: string): T
  /** The same, as it came. */
  given(name: string): Handle | string
  phase(phase: number): void
  /** The time-out of a wait: the step's, or none, where the laboratory says so. */
  limit(step: Step): number | undefined
  /** Whether waits have no time-out now. */
  readonly patient: boolean
}

/** One program's objects, in the laboratory's own process. */
export interface Play {
  /** What each party is to open. */
  readonly handles: Readonly<Record<string, Handle | string>>
  /** After a death, or when one that stood still goes on: throws a Finding if something is not as it must be. Others go on meanwhile. */
  verify(dead: number | undefined): Promise<void>
  /** When all are dead. */
  finish(): Promise<void>
  /** Closes everything. Names that are to be gone are unlinked here. */
  close(): void
  /** Kills besides the blows, by row of the table. */
  tally?(): Readonly<Record<string, number>>
  /** Handles that lead nowhere after that. */
  readonly stale: readonly Handle[]
}

export interface Role {
  readonly operations: readonly string[]
  /** Functions of the addon in which its processes are struck. */
  readonly functions: readonly string[]
  /** How the table calls what it does, by phase. */
  readonly phases: readonly string[]
}

export interface Subject {
  readonly roles: Readonly<Record<string, Role>>
  /** Who must be there. */
  readonly least: readonly string[]
  /** How many parties there are at most, of any role. */
  readonly most: number
  readonly variants: readonly string[]
  open(bench: Bench, variant: string): Play | Promise<Play>
  /** In a party. */
  join(desk: Desk, role: string): Readonly<Record<string, Operation>> | Promise<Readonly<Record<string, Operation>>>
}

export type Fault = 'hang' | 'lost update' | 'lost permit' | 'leaked segment' | 'broken rule'

/** Something that must not be. */
export class Finding extends Error {
  readonly fault: Fault

  constructor(fault: Fault, message: string) {
    super(message)
    this.name = 'Finding'
    this.fault = fault
  }
}

export function spend(turns: number): void {
  for (let i = 0; i < turns; i++) Math.sqrt(i)
}

/** Lets others go on, for a moment. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))
