/** Brings processes to a stop inside the addon's native code (debugger.c), as it is shipped: no byte of it is changed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { addonPath, addonSymbols, type NativeSymbol, symbolAt } from './symbols.js'

const SOURCE = fileURLToPath(new URL('../../../test/laboratory/debugger.c', import.meta.url))
/** A function that nobody enters within so many ms is not waited for. */
const PATIENCE = 100

/** Where a process stands. */
export interface Stand {
  /** The function that it entered, and how many instructions it has gone on since. */
  readonly entered: string
  readonly steps: number
  /** Where that has led it: a function of the addon, or a file. */
  readonly at: string
  /** It is within a system call. */
  readonly asleep: boolean
}

interface Mapped {
  readonly from: number
  readonly to: number
  readonly path: string
}

function mapsOf(pid: number): Mapped[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .map((line) => {
      const [range = '', , , , , path = ''] = line.split(/\s+/)
      const [from = 0, to = 0] = range.split('-').map((each) => Number.parseInt(each, 16))
      return { from, to, path }
    })
}

export class Debugger {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #symbols: readonly NativeSymbol[] = addonSymbols()
  /** Why nobody was ever brought to a stop. */
  refused: string | undefined

  private constructor(program: string) {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#child.stdout as NonNullable<ChildProcess['stdout']> })[Symbol.asyncIterator]()
  }

  /** Compiles and starts one; a text says why there is none. */
  static start(): Debugger | string {
    if (process.arch !== 'x64') return `debug registers of ${process.arch} are not known to it`
    const folder = mkdtempSync(join(tmpdir(), 'sharedctypes-debugger-'))
    const program = join(folder, 'debugger')
    const compiled = spawnSync('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', program, SOURCE], { encoding: 'utf8' })
    const started = compiled.status === 0 ? new Debugger(program) : (compiled.error?.message ?? compiled.stderr)
    rmSync(folder, { recursive: true }) // it runs, so it needs no name any more: nothing is left however we end
    return started
  }

  async #ask(order: string): Promise<string> {
    this.#child.stdin?.write(`${order}\n`)
    const { value } = await this.#answers.next()
    if (typeof value !== 'string') throw new Error('the debugger has ended')
    return value
  }

  /** The functions of these names that the addon has as such: the compiler may have made them parts of others. */
  known(names: readonly string[]): string[] {
    return names.filter((name) => this.#symbols.some((symbol) => symbol.name === name))
  }

  /**
   * Lets a process run until a thread of it enters a function, and then so many instructions; it stands there until `kill` or `go`.
   *
   * @returns undefined if nobody came there in time, or the process has ended
   */
  async strike(pid: number, name: string, steps: number): Promise<Stand | undefined> {
    const candidates = this.#symbols.filter((symbol) => symbol.name === name)
    const symbol = candidates[steps % candidates.length]
    const maps = mapsOf(pid)
    const base = maps.find(({ path }) => path === addonPath)?.from
    if (symbol === undefined || base === undefined) return undefined
    const answer = await this.#ask(`strike ${pid} ${(base + symbol.address).toString(16)} ${steps} ${PATIENCE}`)
    const [word, address = '', taken] = answer.split(' ')
    if (word === 'refused') this.refused = `ptrace is not permitted (errno ${address})`
    if (word !== 'hit' && word !== 'asleep') return undefined
    const where = Number.parseInt(address, 16)
    const file = maps.find(({ from, to }) => where >= from && where < to)?.path ?? ''
    const at = file === addonPath ? symbolAt(this.#symbols, where - base) : file === '' ? 'compiled JavaScript' : file.replace(/.*\//, '')
    return { entered: name, steps: Number(taken), at, asleep: word === 'asleep' }
  }

  /** SIGKILL to the process that stands. */
  async kill(): Promise<void> {
    await this.#ask('kill')
  }

  /** Lets the process that stands go on. */
  async go(): Promise<void> {
    await this.#ask('go')
  }

  /** Looks on while the main thread of a process sleeps on a word of ours; false: it does not sleep. */
  async attend(pid: number): Promise<boolean> {
    return (await this.#ask(`attend ${pid}`)) === 'attending'
  }

  /** How the sleep of the one that is looked at ends: `late` is not woken, though what it slept for was granted to it. */
  async outcome(ms: number): Promise<'woken' | 'late' | 'nothing'> {
    return (await this.#ask(`outcome ${ms}`)) as 'woken' | 'late' | 'nothing'
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdin?.end()
    await ended
  }
}
