/** CPythons of this machine, and a long-lived one of them that does as it is told (test/interop/partner.py). */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Context } from 'mocha'
import { root } from '../fixtures/unit-helpers.js'
import type { Wire } from './items.js'
import { skipFor } from './skip.js'

export interface Python {
  readonly path: string
  readonly version: string
}

const QUESTION = 'import sys, multiprocessing.shared_memory; print(sys.executable); print(sys.version.split()[0])'

/** What runs under this name, if it is a CPython that has shared memory (3.8 and later). */
function pythonAt(command: string): Python | undefined {
  const { stdout, status } = spawnSync(command, ['-c', QUESTION], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const [path = '', version = ''] = status === 0 ? stdout.split('\n') : []
  return path === '' ? undefined : { path, version }
}

/** The python3 of the PATH, or of the environment variable PYTHON. */
export const defaultPython: Python | undefined = pythonAt(process.env.PYTHON ?? 'python3')

/** All CPythons that pyenv installed here, and the default one. A 3.8 too, whose lists are laid out otherwise. */
export function allPythons(): Python[] {
  const folder = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions')
  const found = new Map<string, Python>()
  const commands = [process.env.PYTHON ?? 'python3', ...versionsIn(folder).map((version) => join(folder, version, 'bin', 'python3'))]
  for (const command of commands) {
    const python = pythonAt(command)
    if (python !== undefined && !found.has(python.version)) found.set(python.version, python)
  }
  return [...found.values()]
}

function versionsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((entry) => /^3\.\d+\.\d+$/.test(entry))
  } catch {
    return []
  }
}

/** An exception of Python's, by the name of its class. */
export class PythonError extends Error {
  readonly kind: string
  readonly errno: number | null
  constructor(kind: string, errno: number | null, message: string) {
    super(`${kind}: ${message}`)
    this.kind = kind
    this.errno = errno
  }
}

/** What it can be told, and what it answers. `key` is the number under which it keeps the object. */
export interface Commands {
  memory: [{ key: number; name?: string; create?: boolean; size?: number }, { name: string; size: number }]
  list: [{ key: number; name?: string; items?: readonly Wire[] }, { name: string; size: number }]
  /** In hex. */
  read: [{ key: number; at?: number; length?: number }, string]
  write: [{ key: number; at: number; hex: string }, null]
  items: [{ key: number }, Wire[]]
  get: [{ key: number; index: number }, Wire]
  set: [{ key: number; index: number; item: Wire }, null]
  increment: [{ key: number; index: number; times: number }, null]
  about: [{ key: number }, { length: number; format: string }]
  index: [{ key: number; item: Wire }, number]
  count: [{ key: number; item: Wire }, number]
  close: [{ key: number }, null]
  unlink: [{ key: number }, null]
  forget: [{ key: number }, null]
  version: [Record<string, never>, [number, number, number]]
}
export type Command = { [C in keyof Commands]: readonly [C, Commands[C][0]] }[keyof Commands]
type Raw = { value: unknown; error?: undefined } | { error: string; errno: number | null; message: string }

export class Partner {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  #keys = 0

  constructor(python: Python) {
    this.#child = spawn(python.path, [join(root, 'test/interop/partner.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface(this.#child.stdout).on('line', (line) => this.#waiting.shift()?.resolve(line))
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`python3 exited with ${code ?? signal} instead of answering`))
    })
    this.#child.stdin.on('error', () => {}) // told by the exit
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** A number for one more object. */
  key(): number {
    return ++this.#keys
  }

  /** Has it carry out several commands in one go; exceptions are answers like others. */
  async all(...commands: Command[]): Promise<unknown[]> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#child.stdin.write(`${JSON.stringify(commands)}\n`)
    })
    return (JSON.parse(line) as Raw[]).map((raw) =>
      raw.error === undefined ? raw.value : new PythonError(raw.error, raw.errno, raw.message),
    )
  }

  /** @throws PythonError */
  async tell<C extends keyof Commands>(command: C, parameters: Commands[C][0]): Promise<Commands[C][1]> {
    const [value] = await this.all([command, parameters] as unknown as Command)
    if (value instanceof PythonError) throw value
    return value as Commands[C][1]
  }

  /** The exception that a command ends with. */
  async refusal<C extends keyof Commands>(command: C, parameters: Commands[C][0]): Promise<PythonError> {
    const [value] = await this.all([command, parameters] as unknown as Command)
    if (value instanceof PythonError) return value
    throw new Error(`expected Python to refuse ${command}, got ${JSON.stringify(value)}`)
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.stdin.end()
    await gone
  }
}

/** A partner for a suite, or a skip that says why there is none. */
export function startPartner(context: Context, python: Python | undefined = defaultPython): Partner {
  if (python === undefined) return skipFor(context, 'no python3 with multiprocessing.shared_memory here (3.8 or later)')
  return new Partner(python)
}
