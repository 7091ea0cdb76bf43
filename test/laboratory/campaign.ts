/** Many programs, one after another, on several lanes; a program that fails is made smaller until nothing can be left out. */
import fc from 'fast-check'
import type { Outcome } from './lane.js'
import { Lane, mostLanes } from './lanes.js'
import { type Program, programs } from './program.js'
import { Table } from './table.js'

export interface Plan {
  /** After so many kills no program is begun any more. */
  readonly kills: number
  readonly seed: number
  readonly primitives: readonly string[]
  /** So many programs at most. */
  readonly programs?: number
  readonly mostBlows?: number
  readonly hangMs?: number
  /** After so many findings neither. */
  readonly mostFindings?: number
  readonly shrink?: boolean
  readonly progress?: (table: Table) => void
}

export interface Failure {
  readonly program: Program
  readonly finding: NonNullable<Outcome['finding']>
  /** Which program of the seed, from 0. */
  readonly index: number
  readonly shrinks: number
}

const HANG_MS = 10_000
/** While a program is made smaller: a smaller one is run several times, because the moment that it takes does not come each time. */
const SHRINK = { hangMs: 3000, attempts: 3, budgetMs: 240_000 }

/** The seed of a program, from that of all. */
function seedOf(seed: number, index: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0
}

export class Campaign {
  readonly table = new Table()
  readonly failures: Failure[] = []
  readonly #plan: Plan
  #next = 0

  constructor(plan: Plan) {
    this.#plan = plan
  }

  get #over(): boolean {
    const { kills, programs = Number.POSITIVE_INFINITY } = this.#plan
    return this.table.kills >= kills || this.#next >= programs || this.failures.length >= (this.#plan.mostFindings ?? 1)
  }

  /** Runs it to its end. */
  async run(lanes: number = mostLanes()): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, () => this.#work()))
  }

  async #work(): Promise<void> {
    const lane = new Lane()
    try {
      while (!this.#over) {
        await this.#one(lane, this.#next++)
        this.#plan.progress?.(this.table)
      }
    } finally {
      await lane.end()
    }
  }

  async #one(lane: Lane, index: number): Promise<void> {
    const { primitives, seed, mostBlows, hangMs = HANG_MS, shrink = true } = this.#plan
    const primitive = primitives[index % primitives.length] as string
    const arbitrary = await programs(primitive, mostBlows)
    let finding: Outcome['finding']
    let started: number | undefined
    let trouble: unknown
    const attempt = async (program: Program): Promise<Outcome['finding']> => {
      if (started !== undefined) return findAgain(lane, program, started)
      const outcome = await lane.run({ program, hangMs })
      this.table.add(primitive, outcome)
      started = performance.now()
      return outcome.finding
    }
    const property = fc.asyncProperty(arbitrary, async (program) => {
      const found = await attempt(program).catch((error: unknown) => {
        trouble = error // of the laboratory: it says nothing of the program
        return undefined
      })
      finding = found ?? finding
      return found === undefined
    })
    const result = await fc.check(property, { seed: seedOf(seed, index), numRuns: 1, endOnFailure: !shrink })
    if (trouble !== undefined) throw trouble
    if (result.counterexample === null || finding === undefined) return
    this.failures.push({ program: result.counterexample[0], finding, index, shrinks: result.numShrinks })
  }
}

/** Whether a smaller program still fails. When time is up, none does: the smallest one so far is the answer. */
async function findAgain(lane: Lane, program: Program, started: number): Promise<Outcome['finding']> {
  for (let attempt = 0; attempt < SHRINK.attempts; attempt++) {
    if (performance.now() - started > SHRINK.budgetMs) return undefined
    const { finding } = await lane.run({ program, hangMs: SHRINK.hangMs })
    if (finding !== undefined) return finding
  }
  return undefined
}

/** Runs one program until it fails, so many times at most. */
export async function replay(program: Program, attempts: number, hangMs = HANG_MS): Promise<{ finding: Outcome['finding']; runs: number }> {
  const lane = new Lane()
  try {
    for (let runs = 1; runs <= attempts; runs++) {
      const { finding } = await lane.run({ program, hangMs })
      if (finding !== undefined) return { finding, runs }
    }
    return { finding: undefined, runs: attempts }
  } finally {
    await lane.end()
  }
}
