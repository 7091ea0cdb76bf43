/** Processes that do the commands of a specification: started once, for many schedules. */
import type FastCheck from 'fast-check'
import { checkCount, checkOptions, checkTimeout, wrongType } from '../check.js'
import { SharedCTypesError } from '../errors.js'
import { closeAll } from './closing.js'
import type { Step } from './crew-duties.js'
import type { History } from './history.js'
import { pack } from './member.js'
import { checkProcesses, Members, refuseWhileImporting } from './members.js'
import { checkSchedule, type Schedule } from './schedule.js'
import { Session } from './session.js'
import { Specification } from './specification.js'
import { type RaceWords, StartingLine } from './starting-line.js'

/** How many processes, and how long they may take. */
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

/** Processes with a specification: what {@link startCrew} gives. */
export class Crew<Objects, State> {
  /** What they do the commands of. */
  readonly specification: Specification<Objects, State>
  /** How many. */
  readonly processes: number
  /** ms, as in {@link CrewOptions}. */
  readonly timeout: number
  /** fast-check, as this module found it. */
  readonly fc: typeof FastCheck
  /** What was done so far. */
  readonly statistics: Statistics = { schedules: 0, repetitions: 0, overlapping: 0, histories: 0 }
  readonly #members: Members
  #sessions = 0
  #session: Session<Objects, State> | undefined

  /** @internal See {@link startCrew}. */
  constructor(specification: Specification<Objects, State>, members: Members, fc: typeof FastCheck) {
    this.specification = specification
    this.processes = members.count
    this.timeout = members.timeout
    this.fc = fc
    this.#members = members
  }

  /**
   * Runs a schedule, again and again, with fresh objects each time, without a message in between.
   *
   * @returns the history of each repetition
   * @throws (rejects with) ERR_PROCESS_FAILED if a process dies; ERR_TIMEOUT if they don't come to an end: the processes are replaced then;
   * ERR_INVALID_STATE if something is going on; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  async race(schedule: Schedule, repetitions: number): Promise<History[]> {
    const { specification } = this
    checkSchedule(schedule, specification, this.processes)
    checkCount('repetitions', repetitions, 1)
    const { definition, place } = specification
    return this.#alone(async (members) => {
      const sets = Array.from({ length: repetitions }, () => specification.make())
      const parties = schedule.processes.length
      try {
        const parts = await members.inTime(
          schedule.processes.map((steps, number) => {
            const part = { number, parties, first: schedule.first, steps, observed: definition.observe !== undefined }
            return members.at(number).call(pack('runRepetitions', place, part, members.words, sets))
          }),
          (number) => whereabouts(schedule, number, members.words),
        )
        return sets.map((_, repetition) => parts.flatMap((part) => part[repetition] ?? []).sort((a, b) => a.begin - b.begin))
      } finally {
        for (const objects of sets) definition.clean?.(objects)
        closeAll(sets)
      }
    })
  }

  /**
   * Objects for a sequence of commands, one at a time.
   *
   * @throws (rejects with) ERR_INVALID_STATE if something is going on, or another sequence; what `make` throws
   */
  async open(): Promise<Session<Objects, State>> {
    return this.#alone(async (members) => {
      const closed = () => {
        this.#session = undefined
      }
      this.#session = new Session(this.specification, members, ++this.#sessions, closed)
      return this.#session
    })
  }

  /** The clock of histories is one, and begins anew. */
  #alone<T>(work: (members: Members) => Promise<T>): Promise<T> {
    return this.#members.alone(async () => {
      if (this.#session !== undefined)
        throw new SharedCTypesError('ERR_INVALID_STATE', 'The crew has a sequence open: dispose of it before')
      await this.#members.muster()
      StartingLine.clear(this.#members.words)
      return work(this.#members)
    })
  }

  /** The processes' ids, by their numbers. */
  get pids(): number[] {
    return this.#members.pids
  }

  /** Ends the processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#members.end()
  }
}

function whereabouts({ first, processes }: Schedule, number: number, words: RaceWords): string {
  const { round, step } = StartingLine.progress(words, number)
  const steps = processes[number] as readonly Step[]
  let at = `in \`${steps[step - 1]?.name}\``
  if (step === 0) at = number === 0 && first.length > 0 ? 'at the beginning' : 'at the start'
  if (step > steps.length) at = 'done'
  return `process ${number} ${at} (repetition ${round + 1})`
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
  refuseWhileImporting('checkRaces(), checkSequences() or startCrew()')
  // Here and not above: races without a specification need no fast-check.
  const { default: fc } = await import('fast-check').catch((cause: Error) => {
    const message = 'Random schedules are made by fast-check, which is not installed: npm install --save-dev fast-check'
    throw Object.assign(new Error(message, { cause }), { code: 'ERR_MODULE_NOT_FOUND' })
  })
  const members = new Members(specification, count, limit)
  try {
    await members.muster()
  } catch (error) {
    await members.end()
    throw error
  }
  return new Crew(specification, members, fc)
}
