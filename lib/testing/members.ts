/** The processes of a race, all together. */
import { checkCount } from '../check.js'
import { SharedCTypesError } from '../errors.js'
import { isImporting } from '../process/state.js'
import { inTime } from './in-time.js'
import { Member, pack } from './member.js'
import type { Place } from './specification.js'
import { makeRaceWords, type RaceWords } from './starting-line.js'

/** More than cores can be of use: processes that are interrupted in the middle of something race as well. */
const MOST_PROCESSES = 32

export function checkProcesses(processes: unknown): number {
  return checkCount('processes', processes, 1, MOST_PROCESSES)
}

/** A module that races at its top level would do so in each process of the race again. */
export function refuseWhileImporting(what: string): void {
  if (!isImporting()) return
  throw new SharedCTypesError(
    'ERR_INVALID_STATE',
    `${what} is called while a process of a race imports this module, which would go on for ever: put it under \`if (isMainProcess)\``,
  )
}

/** All or none: if one can't be started, those before it would stay, and keep this process alive. */
export function startMembers(processes: number, module: string): Member[] {
  const members: Member[] = []
  try {
    for (let number = 0; number < processes; number++) members.push(new Member(number, module))
    return members
  } catch (error) {
    void endMembers(members)
    throw error
  }
}

export async function endMembers(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map((member) => member.end()))
}

/** Those of a crew: one that was lost is replaced. */
export class Members {
  readonly count: number
  readonly timeout: number
  readonly words: RaceWords
  readonly #specification: { readonly module: string; readonly place: Place }
  readonly #list: Member[]
  readonly #ready = new WeakSet<Member>()
  #busy = false

  constructor(specification: { readonly module: string; readonly place: Place }, count: number, timeout: number) {
    this.count = count
    this.timeout = timeout
    this.#specification = specification
    this.#list = startMembers(count, specification.module)
    this.words = makeRaceWords(count)
  }

  /** Resolves when all processes are there, in the place of those that were lost a new one. */
  async muster(): Promise<void> {
    const { module, place } = this.#specification
    for (const [number, member] of this.#list.entries()) if (!member.alive) this.#list[number] = new Member(number, module)
    const fresh = this.#list.filter((member) => !this.#ready.has(member))
    await Promise.all(
      fresh.map(async (member) => {
        await member.ready
        await member.call(pack('findSpecification', place))
        this.#ready.add(member)
      }),
    )
  }

  at(number: number): Member {
    return this.#list[number] as Member
  }

  get pids(): number[] {
    return this.#list.map(({ pid }) => pid)
  }

  /** @throws (rejects with) ERR_INVALID_STATE if something is going on */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new SharedCTypesError('ERR_INVALID_STATE', 'The crew is busy: await what it does before you give it more')
    this.#busy = true
    try {
      return await work()
    } finally {
      this.#busy = false
    }
  }

  /** If one fails or does not come to an end, the others wait for it in vain: all are ended. */
  async inTime<T>(calls: readonly Promise<T>[], where: (number: number) => string): Promise<T[]> {
    const late = () => `The processes are not done after ${this.timeout} ms: ${calls.map((_, number) => where(number)).join(', ')}`
    try {
      return await inTime(Promise.all(calls), this.timeout, late)
    } catch (error) {
      await endMembers(this.#list)
      throw error
    }
  }

  async end(): Promise<void> {
    await endMembers(this.#list)
    this.words.close()
  }
}
