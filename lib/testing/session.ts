/** A sequence of commands that processes of a crew do one at a time. */

import { closeAll } from './closing.js'
import type { Crew } from './crew.js'
import type { Step } from './crew-duties.js'
import type { Operation } from './history.js'
import { type Member, pack } from './member.js'
import { Recorder } from './recorder.js'
import { type RaceWords, StartingLine } from './starting-line.js'

export class Session<Objects, State> {
  /** The shared objects, live here. */
  readonly objects: Objects
  readonly #crew: Crew<Objects, State>
  readonly #id: number
  readonly #words: RaceWords
  /** Those that have the objects open. */
  readonly #with = new Set<Member>()

  constructor(crew: Crew<Objects, State>, id: number, words: RaceWords) {
    this.#crew = crew
    this.#id = id
    this.#words = words
    this.objects = crew.specification.definition.make()
  }

  /**
   * Has a process do a command.
   *
   * @throws (rejects with) ERR_PROCESS_FAILED, ERR_TIMEOUT
   */
  async call(number: number, step: Step): Promise<Operation> {
    const { place } = this.#crew.specification
    return this.#crew.alone(async () => {
      const member = this.#crew.member(number)
      if (!this.#with.has(member)) await this.#crew.call(member.call(pack('openSession', this.#id, this.objects)), step, number)
      this.#with.add(member)
      return this.#crew.call(member.call(pack('callCommand', place, number, this.#id, step, this.#words)), step, number)
    })
  }

  /** Kills a process. One that knows of nothing takes its place. */
  async kill(number: number): Promise<Operation> {
    return this.#crew.alone(async () => {
      const recorder = new Recorder(new StartingLine(this.#words, number, 1), number)
      await recorder.perform('SIGKILL', [], async () => this.#crew.member(number).end())
      await this.#crew.muster()
      return recorder.take()[0] as Operation
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.#with) if (member.alive) await member.call(pack('closeSession', this.#id))
    this.#crew.specification.definition.clean?.(this.objects)
    closeAll(this.objects)
  }
}
