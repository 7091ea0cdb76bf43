/** How trials are started: in Node through trial.ts, in CPython, and in C compiled here and now. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Iterations, Tools, Trial } from './question.js'

// tsc leaves .c and .py where they are: this file runs as dist/bench/trials.js, they stay in bench/.
const sources = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bench')
const trialProgram = fileURLToPath(new URL('./trial.js', import.meta.url))

/** A quarter of them for --quick. */
export const some = (full: number): Iterations => ({ full, quick: full / 4 })
/** The same number always. */
export const exactly = (full: number): Iterations => ({ full, quick: full })

/** The function of this name in the `trials` that the module at `url` exports. */
export function nodeTrial(url: string, name: string, iterations: Iterations): Trial {
  return { language: 'Node', iterations, command: () => [process.execPath, trialProgram, url, name] }
}

/** A program of bench/python. -B: leaves no __pycache__ in the sources. */
export function pythonTrial(file: string, name: string, iterations: Iterations): Trial {
  const command = ({ python }: Tools) => (python === undefined ? undefined : [python, '-B', join(sources, 'python', file), name])
  return { language: 'CPython', iterations, command }
}

/** A program of bench/c. */
export function cTrial(file: string, name: string, iterations: Iterations): Trial {
  const command = (tools: Tools) => {
    const program = tools.compile(file)
    return program === undefined ? undefined : [program, name]
  }
  return { language: 'C', iterations, command }
}

/** What a program says of itself; undefined if it isn't there. */
function ask(file: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}

export interface FoundTools extends Tools {
  /** Versions, for people. */
  readonly about: Readonly<Record<string, string>>
}

/** Looks for python3 and gcc. What is compiled goes with the process that asked. */
export function findTools(): FoundTools {
  // The interpreter itself, not a version manager's script in front of it.
  const [python, version] = (ask('python3', ['-c', 'import sys; print(sys.executable); print(sys.version.split()[0])']) ?? '').split('\n')
  const gcc = ask('gcc', ['-dumpfullversion'])
  const programs = new Map<string, string>()
  let folder: string | undefined
  const compile = (file: string) => {
    if (gcc === undefined) return undefined
    const known = programs.get(file)
    if (known !== undefined) return known
    if (folder === undefined) {
      const made = mkdtempSync(join(tmpdir(), 'sharedctypes-bench-'))
      process.once('exit', () => rmSync(made, { recursive: true, force: true }))
      folder = made
    }
    const program = join(folder, basename(file, '.c'))
    execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-pthread', '-o', program, join(sources, 'c', file)], { stdio: 'inherit' })
    programs.set(file, program)
    return program
  }
  const about = { Node: process.versions.node, CPython: version ?? 'none', gcc: gcc ?? 'none' }
  return { python: version === undefined ? undefined : python, compile, about }
}
