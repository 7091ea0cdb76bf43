/** Processes that use a shared object until they are killed (crash-party.ts), and what they have written down. */
import { type ChildProcess, spawn } from 'node:child_process'
import { RawArray, type SharedObject } from '../../lib/index.js'
import type { PartyOrders, Role } from '../fixtures/crash-party.js'
import { asleep } from './asleep.js'
import { until } from './deferred.js'
import { fixturePath } from './paths.js'
import type { Random } from './random.js'

const program = fixturePath('crash-party')
/** How many there can be, one after the other. */
const MOST = 10_000

export class Member {
  readonly slot: number
  readonly role: Role
  readonly #crowd: Crowd
  readonly #child: ChildProcess
  readonly #dead: Promise<void>
  #killing = false

  constructor(crowd: Crowd, role: Role, slot: number, orders: PartyOrders) {
    this.slot = slot
    this.role = role
    this.#crowd = crowd
    this.#child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(orders)], { stdio: ['ignore', 'inherit', 'inherit'] })
    this.#dead = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', (code, signal) => {
        if (this.#killing && signal === 'SIGKILL') resolve()
        else reject(new Error(`${role} ${slot} ended by itself: ${code ?? signal}`))
      })
    })
    this.#dead.catch(() => {}) // heard of by kill() and in reach()
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** How often it has done what it does. */
  get progress(): number {
    return Atomics.load(this.#crowd.progress, this.slot)
  }

  /** Where it is: a number that its role gives a meaning. */
  get state(): number {
    return Atomics.load(this.#crowd.states, this.slot)
  }

  /** Waits until it has come so far. */
  async reach(condition: () => boolean): Promise<void> {
    await until(() => condition() || this.#child.exitCode !== null)
    if (this.#child.exitCode !== null) await this.#dead
  }

  /** Waits until it has done something since now. */
  async goesOn(): Promise<void> {
    const { progress } = this
    await this.reach(() => this.progress > progress)
  }

  asleep(): Promise<void> {
    return asleep(this.pid)
  }

  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void> {
    this.#killing = true
    this.#child.kill('SIGKILL')
    return this.#dead
  }
}

export class Crowd {
  readonly progress: RawArray<'c_int32'>
  readonly states: RawArray<'c_int32'>
  /** For what the roles have in common. */
  readonly words: RawArray<'c_int32'>
  readonly members: Member[] = []
  readonly #object: SharedObject | string
  #slots = 0
  static readonly #all = new Set<Crowd>()

  /** For `afterEach`: nobody goes on when a test has failed. */
  static async endAll(): Promise<void> {
    await Promise.all([...Crowd.#all].map((crowd) => crowd.end()))
  }

  /** @param object - what they use, or its name: functions do not travel in handles */
  constructor(object: SharedObject | string) {
    this.#object = object
    this.progress = RawArray('c_int32', MOST)
    this.states = RawArray('c_int32', MOST)
    this.words = RawArray('c_int32', 16)
    Crowd.#all.add(this)
  }

  start(role: Role): Member {
    const slot = this.#slots++
    const { progress, states, words } = this
    const object = typeof this.#object === 'string' ? this.#object : this.#object.toJSON()
    const orders: PartyOrders = { role, slot, object, progress: progress.toJSON(), states: states.toJSON(), words: words.toJSON() }
    const member = new Member(this, role, slot, orders)
    this.members.push(member)
    return member
  }

  /** Kills one; another of the same role takes its place if told so. */
  async kill(member: Member, replace = false): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1)
    const dead = member.kill()
    if (replace) this.start(member.role)
    await dead
  }

  /** Kills members of these roles at random moments of their work, one after the other, and replaces them. */
  async killAtRandom(kills: number, random: Random, roles: readonly Role[], verify: () => void | Promise<void>): Promise<void> {
    for (let i = 0; i < kills; i++) {
      const candidates = this.members.filter((member) => roles.includes(member.role))
      const victim = candidates[random(candidates.length)] as Member
      await victim.reach(() => victim.progress > 0)
      const moment = victim.progress + random(20)
      await victim.reach(() => victim.progress >= moment)
      for (let spin = random(20_000); spin > 0; spin--) Atomics.load(this.words, 0)
      await this.kill(victim, true)
      await verify()
    }
  }

  async end(): Promise<void> {
    Crowd.#all.delete(this)
    await Promise.all([...this.members].map((member) => this.kill(member)))
    for (const array of [this.progress, this.states, this.words]) array.close()
  }
}
