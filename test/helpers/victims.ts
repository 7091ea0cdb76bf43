/** Processes to be killed while they increment. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Handle, Lock } from '../../lib/index.js'
import type { Orders, Policy } from '../fixtures/crash-victim.js'
import { until } from './deferred.js'
import type { Ledger } from './ledger.js'
import { fixturePath } from './paths.js'
import type { Random } from './random.js'

const program = fixturePath('crash-victim')

export interface Victim {
  readonly slot: number
  /** Sends SIGKILL and resolves when it is dead. */
  kill(): Promise<void>
  /** Whether it has incremented at least once. */
  readonly working: boolean
}

export class Killing {
  readonly #policy: Policy
  readonly #lock: Handle | string
  readonly #ledger: Ledger
  readonly #random: Random
  #slots = 0

  constructor(policy: Policy, lock: Lock, ledger: Ledger, random: Random) {
    this.#policy = policy
    this.#lock = policy === 'function' ? (lock.name as string) : lock.toJSON()
    this.#ledger = ledger
    this.#random = random
  }

  start(): Victim {
    const slot = this.#slots++
    const ledger = this.#ledger
    const orders: Orders = { policy: this.#policy, slot, ledger: ledger.toJSON(), lock: this.#lock }
    const child: ChildProcess = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(orders)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    let killing = false
    const dead = new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        if (killing && signal === 'SIGKILL') resolve()
        else reject(new Error(`victim ${slot} ended by itself: ${code ?? signal}`))
      })
    })
    dead.catch(() => {}) // heard of by kill()
    return {
      slot,
      get working() {
        return Atomics.load(ledger.acks, slot) > 0 || child.exitCode !== null
      },
      kill: () => {
        killing = true
        child.kill('SIGKILL')
        return dead
      },
    }
  }

  /** Waits for a random moment: until the counter has advanced by a random number, at most `most`. */
  async randomMoment(most: number): Promise<void> {
    const start = this.#ledger.counter
    const steps = this.#random(most)
    await until(() => this.#ledger.counter - start >= steps)
  }
}
