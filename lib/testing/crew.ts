/** Processes that do the commands of a specification: started once, for many schedules. */
import type FastCheck from 'fast-check'
import { checkOptions, checkTimeout, wrongType } from '../check.js'
import { SharedCTypesError } from '../errors.js'
import { closeAll } from './closing.js'
import type { Step } from './crew-duties.js'
import type { History } from './history.js'
import { inTime } from './in-time.js'
import { Member, pack } from './member.js'
import { checkProcesses, endMembers, refuseWhileImporting } from './race.js'
import type { Schedule } from './schedule.js'
import { Session } from './session.js'
import { Specification } from './specification.js'
import { makeRaceWords, type RaceWords, StartingLine } from './starting-line.js'

export interface CrewOptions {
  /** How many processes, 1 to 32. Default 2. */
  processes?: number | undefined
  /** ms for the repetitions of a schedule that are ordered together (100, unless `repeats` says less), or for one command of a sequence. Default 10,000. */
  timeout?: number | undefined
}

/** What a crew has done so far. */
export interface Statistics {
  schedules: number
  repetitions: number
  /** Repetitions in which operations of different processes overlapped: the others tested no race. */
  overlapping: number
  /** Histories that were held against the model: one for many repetitions that went the same way. */
  histories: number
}

export class Crew<Objects, State> {
  readonly specification: Specification<Objects, State>
  readonly processes: number
  readonly timeout: number
  /** fast-check, as this module found it. */
  readonly fc: typeof FastCheck
  readonly statistics: Statistics = { schedules: 0, repetitions: 0, overlapping: 0, histories: 0 }
  readonly #words: RaceWords
  readonly #members: Member[]
  readonly #ready = new WeakSet<Member>()
  #busy = false
  #sessions = 0

  /** @internal See {@link startCrew}. */
  constructor(specification: Specification<Objects, State>, processes: number, timeout: number, fc: typeof FastCheck) {
    this.specification = specification
    this.processes = processes
    this.timeout = timeout
    this.fc = fc
    this.#words = makeRaceWords(processes)
    this.#members = Array.from({ length: processes }, (_, number) => new Member(number, specification.module))
  }

  /** Resolves when all processes are there, in the place of those that were lost a new one. */
  async muster(): Promise<void> {
    const { module, place } = this.specification
    for (const [number, member] of this.#members.entries()) if (!member.alive) this.#members[number] = new Member(number, module)
    const fresh = this.#members.filter((member) => !this.#ready.has(member))
    await Promise.all(
      fresh.map(async (member) => {
        await member.ready
        await member.call(pack('findSpecification', place))
        this.#ready.add(member)
      }),
    )
  }

  /**
   * Runs a schedule, again and again, with fresh objects each time, without a message in between.
   *
   * @returns the history of each repetition
   * @throws (rejects with) ERR_PROCESS_FAILED if a process dies; ERR_TIMEOUT if they don't come to an end: the processes are replaced then;
   * ERR_INVALID_STATE if something is going on
   */
  async race(schedule: Schedule, repetitions: number): Promise<History[]> {
    const { definition, place } = this.specification
    return this.alone(async () => {
      await this.muster()
      const sets = Array.from({ length: repetitions }, () => definition.make())
      const parties = schedule.processes.length
      StartingLine.clear(this.#words)
      try {
        const parts = await this.#inTime(
          schedule.processes.map((steps, number) => {
            const part = { number, parties, first: schedule.first, steps, observed: definition.observe !== undefined }
            return this.member(number).call(pack('runRepetitions', place, part, this.#words, sets))
          }),
          (number) => this.#whereabouts(schedule, number),
        )
        return sets.map((_, repetition) => parts.flatMap((part) => part[repetition] ?? []).sort((a, b) => a.begin - b.begin))
      } finally {
        for (const objects of sets) definition.clean?.(objects)
        closeAll(sets)
      }
    })
  }

  /** Objects for a sequence of commands, one at a time. */
  async open(): Promise<Session<Objects, State>> {
    await this.muster()
    StartingLine.clear(this.#words)
    return new Session(this, ++this.#sessions, this.#words)
  }

  /** The processes' ids, by their numbers. */
  get pids(): number[] {
    return this.#members.map(({ pid }) => pid)
  }

  /** @internal */
  member(number: number): Member {
    return this.#members[number] as Member
  }

  /** @internal One command of a sequence. */
  async call<T>(call: Promise<T>, { name }: Step, number: number): Promise<T> {
    const [result] = await this.#inTime([call], () => `process ${number} in \`${name}\``)
    return result as T
  }

  /** @internal */
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
  async #inTime<T>(calls: readonly Promise<T>[], where: (number: number) => string): Promise<T[]> {
    const late = () => `The processes are not done after ${this.timeout} ms: ${calls.map((_, number) => where(number)).join(', ')}`
    try {
      return await inTime(Promise.all(calls), this.timeout, late)
    } catch (error) {
      await endMembers(this.#members)
      throw error
    }
  }

  #whereabouts({ first, processes }: Schedule, number: number): string {
    const { round, step } = StartingLine.progress(this.#words, number)
    const steps = processes[number] as readonly Step[]
    let at = `in \`${steps[step - 1]?.name}\``
    if (step === 0) at = number === 0 && first.length > 0 ? 'at the beginning' : 'at the start'
    if (step > steps.length) at = 'done'
    return `process ${number} ${at} (repetition ${round + 1})`
  }

  /** Ends the processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await endMembers(this.#members)
    this.#words.close()
  }
}

/**
 * Starts processes for a specification. They end with the block of `await using`, and with this process, however it ends.
 *
 * @throws (rejects with) ERR_PROCESS_FAILED if a process can't import the specification's module; ERR_MODULE_NOT_FOUND without fast-check;
 * ERR_INVALID_STATE inside of a module that is imported for a race; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 * @example await using crew = await startCrew(counter, { processes: 3 })
 */
export async function startCrew<Objects, State>(
  specification: Specification<Objects, State>,
  options?: CrewOptions,
): Promise<Crew<Objects, State>> {
  if (!(specification instanceof Specification)) throw wrongType('specification', 'what `specification()` made', specification)
  const { processes = 2, timeout = 10_000 } = checkOptions(options)
  const [count, limit] = [checkProcesses(processes), checkTimeout(timeout)]
  refuseWhileImporting('startCrew()')
  // Here and not above: races without a specification need no fast-check.
  const { default: fc } = await import('fast-check')
  const crew = new Crew(specification, count, limit, fc)
  try {
    await crew.muster()
  } catch (error) {
    await crew[Symbol.asyncDispose]()
    throw error
  }
  return crew
}
