/** Process: runs a function in a child process, with shared objects live in its arguments. After Python's multiprocessing.Process. */
import { type ChildProcess, fork } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { checkOptions, checkTimeout, wrongType } from '../check.js'
import { SharedCTypesError } from '../errors.js'
import { native } from '../native.js'
import { startTimer } from '../sync/wait-in-line.js'
import { DELIVERED, writeLetter } from './letter.js'
import { isImporting } from './state.js'
import { checkArgs, checkTarget, moduleOf } from './target.js'

export interface ProcessOptions {
  /** For messages and `currentProcess` in the child. Default `Process-1`, `Process-2`, … */
  name?: string | undefined
  /** The module that exports the target: a URL (`import.meta.url`) or a path. Default: the main module. */
  module?: string | URL | undefined
  /** Options for the child's node. Default: this process's. */
  execArgv?: readonly string[] | undefined
  /** The child's environment. Default: this process's. */
  env?: NodeJS.ProcessEnv | undefined
  /** stdin, stdout and stderr as for `child_process.spawn`: one word for all, or three. Default `'inherit'`. */
  stdio?: StdioWord | readonly [StdioWord, StdioWord, StdioWord] | undefined
}
export type StdioWord = 'inherit' | 'pipe' | 'ignore'

const childProgram = fileURLToPath(new URL('./child.js', import.meta.url))
let count = 0

function checkStdio(stdio: ProcessOptions['stdio']): StdioWord[] {
  const words = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio]
  if (words.length !== 3 || words.some((word) => word !== 'inherit' && word !== 'pipe' && word !== 'ignore')) {
    throw wrongType('stdio', "'inherit', 'pipe' or 'ignore', or an array of three of them", stdio)
  }
  return words as StdioWord[]
}

function checkEnv(env: NodeJS.ProcessEnv | undefined): NodeJS.ProcessEnv | undefined {
  if (env === undefined || (typeof env === 'object' && env !== null)) return env
  throw wrongType('env', 'an object', env)
}

/** This process's node options for the child, less a program given on the command line: the child has its own. */
export function inheritedExecArgv(): string[] {
  const evaluation = new Set(['-e', '--eval', '-p', '--print', '-pe', '--input-type'])
  const ofProgram = (word: string) => evaluation.has(word) || word.startsWith('--eval=') || word.startsWith('--input-type=')
  return process.execArgv.filter((word, i, all) => !ofProgram(word) && !evaluation.has(all[i - 1] ?? ''))
}

/**
 * A function that runs in a child process.
 *
 * @example const p = new Process(work, [counter]).start(); await p.join()
 */
export class Process {
  readonly name: string
  readonly #target: (...args: never[]) => unknown
  readonly #args: unknown[]
  readonly #module: string
  readonly #options: { execArgv: string[]; env: NodeJS.ProcessEnv | undefined; stdio: StdioWord[] }
  #child: ChildProcess | undefined
  #exitcode: number | null = null
  #ended: Promise<void> | undefined

  /**
   * @param target - a function that `module` exports under its own name; the child imports the module and calls it, so guard what else the
   * module does with `if (isMainProcess)`
   * @param args - its arguments: anything a structured clone carries, with shared objects anywhere inside, which arrive live
   * @throws ERR_INVALID_ARG_TYPE
   */
  constructor(target: (...args: never[]) => unknown, args: readonly unknown[] = [], options: ProcessOptions = {}) {
    const { name, module, execArgv, env, stdio } = checkOptions(options)
    if (name !== undefined && typeof name !== 'string') throw wrongType('name', 'a string', name)
    if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((word) => typeof word === 'string')))
      throw wrongType('execArgv', 'an array of strings', execArgv)
    if (typeof target !== 'function') throw wrongType('target', 'a function exported by a module', target)
    this.#target = target
    this.#args = checkArgs(args)
    this.#module = moduleOf(module)
    this.#options = {
      execArgv: execArgv === undefined ? inheritedExecArgv() : [...execArgv],
      env: checkEnv(env),
      stdio: checkStdio(stdio ?? 'inherit'),
    }
    this.name = name ?? `Process-${++count}`
  }

  /**
   * Starts the child.
   *
   * @throws ERR_NOT_EXPORTED if the module does not export the target under its name; ENOENT if there is no such module; DataCloneError for
   * arguments that can't be cloned; ERR_CLOSED for a closed object among them; ERR_INVALID_STATE if it was started before, or while a child is
   * still importing its target's module
   */
  start(): this {
    if (this.#child !== undefined) throw new SharedCTypesError('ERR_INVALID_STATE', `Process '${this.name}' was started already`)
    if (isImporting()) {
      throw new SharedCTypesError(
        'ERR_INVALID_STATE',
        `Process '${this.name}' is started while a child imports ${this.#module}, which would go on for ever: put what starts processes under \`if (isMainProcess)\``,
      )
    }
    const target = checkTarget(this.#target, this.#module)
    const { descriptors, delivered } = writeLetter({ name: this.name, module: this.#module, target, args: this.#args })
    try {
      const { execArgv, env, stdio } = this.#options
      const child = fork(childProgram, [], { execArgv, ...(env === undefined ? {} : { env }), stdio: [...stdio, 'ipc', ...descriptors] })
      child.once('exit', delivered)
      child.on('error', () => {
        if (child.pid === undefined) delivered()
      })
      child.on('message', (message) => {
        if (message === DELIVERED) delivered()
      })
      this.#follow(child)
    } catch (error) {
      delivered()
      throw error
    } finally {
      native.closeFile(descriptors[0] as number)
    }
    return this
  }

  #follow(child: ChildProcess): void {
    this.#child = child
    this.#ended = new Promise((resolve, reject) => {
      child.on('error', (error) => {
        if (child.pid !== undefined) return
        this.#exitcode = 1
        reject(error)
      })
      child.once('exit', (code, signal) => {
        this.#exitcode = signal === null ? code : -constants.signals[signal]
        resolve()
      })
    })
    this.#ended.catch(() => {}) // whoever joins hears of it
  }

  #started(): ChildProcess {
    if (this.#child !== undefined) return this.#child
    throw new SharedCTypesError('ERR_INVALID_STATE', `Process '${this.name}' was not started yet`)
  }

  /**
   * Waits until the child has ended.
   *
   * @param timeout - ms to wait at most
   * @returns whether it has ended
   * @throws (rejects with) ERR_INVALID_STATE before `start()`; the system's error if the child could not be started
   */
  async join(timeout?: number): Promise<boolean> {
    const limit = checkTimeout(timeout)
    this.#started()
    const ended = (this.#ended as Promise<void>).then(() => true)
    if (limit === Number.POSITIVE_INFINITY || this.#exitcode !== null) return ended
    let stopTimer = () => {}
    const late = new Promise<boolean>((resolve) => {
      stopTimer = startTimer(limit, () => resolve(false))
    })
    try {
      return await Promise.race([ended, late])
    } finally {
      stopTimer()
    }
  }

  /** The child's process id; undefined before `start()`. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Whether the child runs. */
  get isAlive(): boolean {
    return this.#child?.pid !== undefined && this.#exitcode === null
  }

  /** null while it runs, its exit code, or the negative number of the signal that ended it. */
  get exitcode(): number | null {
    return this.#exitcode
  }

  /** The child's standard streams, where `stdio` is `'pipe'`. */
  get stdin(): Writable | null {
    return this.#child?.stdin ?? null
  }

  get stdout(): Readable | null {
    return this.#child?.stdout ?? null
  }

  get stderr(): Readable | null {
    return this.#child?.stderr ?? null
  }

  /** Sends SIGTERM. Does nothing to a child that has ended. */
  terminate(): void {
    this.#started().kill('SIGTERM')
  }

  /** Sends SIGKILL. Locks that the child holds pass to their next takers. */
  kill(): void {
    this.#started().kill('SIGKILL')
  }

  [inspect.custom](): string {
    const state =
      this.#child === undefined ? 'not started' : this.isAlive ? `pid ${this.pid}, running` : `pid ${this.pid}, exit code ${this.#exitcode}`
    return `Process '${this.name}' (${state})`
  }
}
