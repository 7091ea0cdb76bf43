/** Processes to be killed while they use blocks (orphan-victim.ts). */
import { type ChildProcess, spawn } from 'node:child_process'
import { PROGRESS, ROW, type VictimOrders } from '../fixtures/orphan-orders.js'
import { until } from './deferred.js'
import { fixturePath } from './paths.js'
import type { Random } from './random.js'

const MOST_STEPS = 40

export class OrphanVictim {
  readonly slot: number
  readonly #orders: VictimOrders
  readonly #words: Int32Array
  readonly #child: ChildProcess
  readonly #dead: Promise<void>
  #isDead = false

  constructor(orders: VictimOrders, words: Int32Array) {
    this.slot = orders.slot
    this.#orders = orders
    this.#words = words
    this.#child = spawn(process.execPath, ['--no-warnings', fixturePath('orphan-victim'), JSON.stringify(orders)], {
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    this.#dead = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', (code, signal) => {
        this.#isDead = true
        if (signal === 'SIGKILL') resolve()
        else reject(new Error(`victim ${this.slot} was not killed: ${code ?? signal}`))
      })
    })
    this.#dead.catch(() => {}) // heard of by die()
    this.#child.stdin?.on('error', () => {}) // the same
  }

  begin(): void {
    this.#child.stdin?.write('!')
  }

  /** Resolves when it is dead; by its own hand, or by ours at a random moment. */
  async die(random: Random): Promise<void> {
    if (this.#orders.death === null) {
      const moment = random(MOST_STEPS)
      const spins = random(20_000)
      await until(() => this.#isDead || Atomics.load(this.#words, this.slot * ROW + PROGRESS) >= moment)
      for (let i = spins; i > 0; i--) Atomics.load(this.#words, 0)
      this.#child.kill('SIGKILL')
    }
    await this.#dead
  }
}
