/** Processes that run programs at the same time. */
import { type ChildProcess, fork } from 'node:child_process'
import type { SharedObject } from '../../lib/index.js'
import type { Order, Report } from '../fixtures/program-party.js'
import type { Program, Tally } from '../fixtures/programs.js'
import { fixturePath } from './paths.js'

export class Party {
  readonly #child: ChildProcess
  readonly #pending = new Map<number, { resolve(tally: Tally): void; reject(error: Error): void }>()
  #orders = 0

  constructor() {
    this.#child = fork(fixturePath('program-party'), { execArgv: ['--no-warnings'] })
    this.#child.on('message', (message) => {
      const report = message as Report
      const pending = this.#pending.get(report.id)
      this.#pending.delete(report.id)
      if ('tally' in report) pending?.resolve(report.tally)
      else pending?.reject(new Error(report.failed))
    })
    this.#child.on('exit', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('the party has ended'))
    })
  }

  run(objects: Readonly<Record<string, SharedObject>>, program: Program): Promise<Tally> {
    const id = ++this.#orders
    const handles = Object.fromEntries(Object.entries(objects).map(([name, object]) => [name, object.toJSON()]))
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#child.send({ id, handles, program } satisfies Order)
    })
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}
