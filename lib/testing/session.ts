/** A sequence of commands that processes of a crew do one at a time. */
import { checkCount } from '../check.js'
import { closeAll } from './closing.js'
import type { Step } from './crew-duties.js'
import type { Operation } from './history.js'
import { type Member, pack } from './member.js'
import type { Members } from './members.js'
import { Recorder } from './recorder.js'
import { checkStep } from './schedule.js'
import type { Specification } from './specification.js'
import { StartingLine } from './starting-line.js'

/** What `crew.open()` gives: shared objects, and processes that do commands with them. */
export class Session<Objects, State> {
  /** The shared objects, live here. */
  readonly objects: Objects
  readonly #specification: Specification<Objects, State>
  readonly #members: Members
  readonly #id: number
  readonly #onClosed: () => void
  /** Those that have the objects open. */
  readonly #with = new Set<Member>()
  #closed = false

  /** @internal See `Crew.open`. */
  constructor(specification: Specification<Objects, State>, members: Members, id: number, onClosed: () => void) {
    this.#specification = specification
    this.#members = members
    this.#id = id
    this.#onClosed = onClosed
    this.objects = specification.make()
  }

  /**
   * Has a process do a command.
   *
   * @param number - which process, from 0
   * @throws (rejects with) ERR_PROCESS_FAILED, ERR_TIMEOUT; ERR_INVALID_STATE if something is going on; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  async call(number: number, step: Step): Promise<Operation> {
    checkStep(step, 'step', this.#specification)
    const member = this.#member(number)
    const where = () => `process ${number} in \`${step.name}\``
    return this.#members.alone(async () => {
      if (!this.#with.has(member)) await this.#members.inTime([member.call(pack('openSession', this.#id, this.objects))], where)
      this.#with.add(member)
      const order = pack('callCommand', this.#specification.place, number, this.#id, step, this.#members.words)
      const [operation] = await this.#members.inTime([member.call(order)], where)
      return operation as Operation
    })
  }

  #member(number: number): Member {
    return this.#members.at(checkCount('process', number, 0, this.#members.count - 1))
  }

  /**
   * Kills a process. One that knows of nothing takes its place.
   *
   * @param number - which process, from 0
   * @throws (rejects with) ERR_INVALID_STATE if something is going on; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  async kill(number: number): Promise<Operation> {
    const member = this.#member(number)
    return this.#members.alone(async () => {
      const recorder = new Recorder(new StartingLine(this.#members.words, number, 1), number)
      await recorder.perform('SIGKILL', [], async () => member.end())
      await this.#members.muster()
      return recorder.take()[0] as Operation
    })
  }

  /** Closes the objects, here and in the processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    try {
      await this.#members.alone(() => this.#closeThere())
    } finally {
      this.#onClosed()
      try {
        this.#specification.definition.clean?.(this.objects)
      } finally {
        closeAll(this.objects)
      }
    }
  }

  /** If one fails in it, all are ended, and replaced when they are needed: that is closed as well. */
  async #closeThere(): Promise<void> {
    const order = pack('closeSession', this.#id)
    const calls = [...this.#with].filter((member) => member.alive).map((member) => member.call(order))
    await this.#members.inTime(calls, () => 'closing').catch(() => {})
  }
}
