/** Where one program runs: its board and its living parties, and how the laboratory waits for them. */
import { Board, Column, Shared, SLOTS } from './board.js'
import type { Crew, Member } from './crew.js'
import type { Debugger } from './debugger.js'
import type { PartyPlan } from './program.js'
import { Finding, Phase, type Play, pause, type Subject } from './subject.js'
import { delayOf, whatTheyDo } from './witness.js'

/** Who does not come on within so many looks, at least 1 ms apart, does not come on at all. */
export type Patience = { readonly ms: number; readonly looks: number }

let names = 0

export interface Surroundings {
  readonly crew: Crew
  readonly gdb: Debugger | undefined
  /** Who does not go on within so many ms hangs. */
  readonly hangMs: number
}

export class Bench {
  readonly board: Board
  readonly members: Member[] = []
  readonly patience: Patience
  readonly gdb: Debugger | undefined
  readonly #subject: Subject
  readonly #primitive: string
  readonly #crew: Crew
  #slots = 0

  constructor(primitive: string, subject: Subject, { crew, gdb, hangMs }: Surroundings) {
    this.#primitive = primitive
    this.#subject = subject
    this.#crew = crew
    this.gdb = gdb
    this.patience = { ms: hangMs, looks: hangMs / 5 }
    this.board = Board.create()
  }

  /** A name for a shared object. */
  freshName(): string {
    return `laboratory-${process.pid}-${++names}`
  }

  start(plan: PartyPlan, variant: string, play: Play): Member {
    const slot = this.#slots++
    if (slot >= SLOTS) throw new Error(`a program has more than ${SLOTS} processes`)
    const role = this.#subject.roles[plan.role]
    if (role === undefined) throw new Error(`${this.#primitive} has no role '${plan.role}'`)
    const { handles } = play
    const orders = {
      primitive: this.#primitive,
      variant,
      role: plan.role,
      slot,
      steps: plan.steps,
      board: this.board.words.toJSON(),
      handles,
    }
    const member = this.#crew.hire(this.board, role, orders)
    this.members.push(member)
    return member
  }

  /** Waits until something is true; a Finding if it never is, or a party has ended by itself. */
  async reach(condition: () => boolean, what: string): Promise<void> {
    let limit: (() => boolean) | undefined
    for (let looks = 0; !condition(); looks++) {
      for (const { ended } of this.members) if (ended !== undefined) throw ended
      if (looks === 20) limit = this.#limit()
      if (looks > this.patience.looks && limit?.())
        throw new Finding('hang', `${what}: not within ${this.patience.ms} ms\n${whatTheyDo(this.members)}`)
      // At first without leaving the CPU: most conditions are true in a moment.
      if (looks < 20) await new Promise((resolve) => setImmediate(resolve))
      else await pause()
    }
    for (const { ended } of this.members) if (ended !== undefined) throw ended
  }

  /** Whether time is up. What the machine did not give them does not count. */
  #limit(): () => boolean {
    const start = performance.now()
    const before = new Map(this.members.map(({ pid }) => [pid, delayOf(pid)]))
    return () => {
      const waited = performance.now() - start
      if (waited < this.patience.ms) return false
      const delays = this.members.map(({ pid }) => delayOf(pid) - (before.get(pid) ?? 0))
      return waited > this.patience.ms + Math.max(0, ...delays)
    }
  }

  of(...roles: string[]): Member[] {
    return this.members.filter(({ name }) => roles.length === 0 || roles.includes(name))
  }

  /** Each of them comes to the end of an operation, or of as many of what a column counts. */
  async goOn(members: readonly Member[], column: number = Column.progress): Promise<void> {
    const before = members.map((member) => member.read(column))
    for (const [i, member] of members.entries())
      await this.reach(() => member.read(column) !== before[i], `${member.name} ${member.slot} goes on`)
  }

  #bits(roles: readonly string[]): number {
    const all = Object.keys(this.#subject.roles)
    return roles.reduce((bits, role) => bits | (1 << all.indexOf(role)), 0)
  }

  /** Has all parties of these roles stand between two operations. */
  async closeGate(...roles: string[]): Promise<void> {
    const closing = Atomics.add(this.board.words, Shared.closings, 1) + 1
    Atomics.or(this.board.words, Shared.gate, this.#bits(roles))
    for (const member of this.of(...roles))
      await this.reach(() => member.read(Column.gated) === closing, `${member.name} ${member.slot} comes to the gate`)
  }

  openGate(): void {
    Atomics.store(this.board.words, Shared.gate, 0)
  }

  /** From now on waits of these roles have no time-out. */
  makePatient(...roles: string[]): void {
    Atomics.store(this.board.words, Shared.patient, this.#bits(roles))
  }

  /** How the table calls what a process does. */
  rowOf(member: Member): string {
    const { phase } = member
    return `${member.name}: ${member.role.phases[phase] ?? (phase === Phase.between ? 'between' : String(phase))}`
  }

  async end(): Promise<void> {
    const { members } = this
    await Promise.all(members.splice(0).map((member) => member.kill()))
  }
}
