/** Processes with a SharedMemoryManager, and what is left of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Party } from '../fixtures/manager-party.js'
import { until } from './deferred.js'
import { fixturePath } from './paths.js'

export const partyProgram: string = fixturePath('manager-party')

export const exists = (name: string): boolean => existsSync(`/dev/shm/${name}`)

/** The living helpers of managers that this process started. A helper is told for whom it works, and says so when asked. */
export function helpersOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        return readFileSync(`/proc/${entry}/cmdline`, 'utf8') === `sharedctypes-manager\0${pid}\0`
      } catch {
        return false // ended meanwhile
      }
    })
    .map(Number)
}

/** Children of this process that are helpers, or dead ones that nobody has waited for. */
export function helpersHere(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
        return stat.includes('(sharedctypes-ma)') && stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid)
      } catch {
        return false
      }
    })
}

/** Blocks with one of these sizes: for those whose names nobody lived to tell. */
export function blocksOfSize(sizes: readonly number[]): string[] {
  return readdirSync('/dev/shm').filter((name) => {
    try {
      return sizes.includes(statSync(`/dev/shm/${name}`).size)
    } catch {
      return false
    }
  })
}

/** A process with a manager. */
export class ManagerParty {
  readonly child: ChildProcess
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>
  readonly #lines: AsyncIterator<string>

  constructor(how: string, given = '', { detached = false } = {}) {
    this.child = spawn(process.execPath, ['--no-warnings', partyProgram, how, given], { stdio: ['ignore', 'pipe', 'ignore'], detached })
    this.ended = once(this.child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
    this.#lines = createInterface({ input: this.child.stdout as NonNullable<ChildProcess['stdout']> })[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.child.pid as number
  }

  /** What it says next. */
  async says(): Promise<Party> {
    const { value } = await this.#lines.next()
    if (typeof value !== 'string') throw new Error('the party ended without a word')
    return JSON.parse(value) as Party
  }

  /** Sends SIGKILL and resolves when it and its manager's helpers are gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
    await this.helpersGone()
  }

  async helpersGone(): Promise<void> {
    await until(() => helpersOf(this.pid).length === 0)
  }
}
