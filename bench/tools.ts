/** What this machine has for trials outside of Node: the newest CPython, a compiler, packages to compare with. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask } from './ask.js'
import { ownFolder } from './folder.js'
import { installPeer } from './peers.js'
import { isMissing, type Missing, type Tools } from './question.js'

// tsc leaves .c and .py where they are: this file runs as dist/bench/tools.js, they stay in bench/.
export const sources = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bench')

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

interface Python {
  /** The interpreter itself, not a version manager's script in front of it. */
  readonly path: string
  readonly version: string
}

function pythonAt(command: string): Python | undefined {
  const program = 'import sys; print(sys.implementation.name, sys.version.split()[0], sys.executable, sep="\\n")'
  const [name, version = '', path = ''] = (ask(command, ['-c', program]) ?? '').split('\n')
  return name === 'cpython' ? { path, version } : undefined
}

/** The newest of those on the PATH and of pyenv's. */
function newestPython(): Python | Missing {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => {
    const names = namesIn(folder).filter((name) => /^python3(\.\d+)?$/.test(name))
    return names.map((name) => join(folder, name))
  })
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions')
  const ofPyenv = namesIn(pyenv).map((version) => join(pyenv, version, 'bin', 'python3'))
  const all = [...onPath, ...ofPyenv].flatMap((command) => pythonAt(command) ?? [])
  const byAge = all.sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }))
  return byAge.at(-1) ?? { missing: 'there is no python3' }
}

export interface FoundTools extends Tools {
  /** Versions of what was used so far, for people. */
  versions(): Readonly<Record<string, string>>
}

/** What is compiled goes with the process that asked. */
export function findTools(): FoundTools {
  const python = newestPython()
  const gcc = ask('gcc', ['-dumpfullversion'])
  const programs = new Map<string, string>()
  const folder = ownFolder()
  const compile = (file: string) => {
    if (gcc === undefined) return { missing: 'there is no gcc' }
    const known = programs.get(file)
    if (known !== undefined) return known
    const program = join(folder, basename(file, '.c'))
    execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-pthread', '-o', program, join(sources, 'c', file)], { stdio: 'inherit' })
    programs.set(file, program)
    return program
  }
  const peers = new Map<string, string | Missing>()
  const peer = (name: string) => {
    const found = peers.get(name) ?? installPeer(name)
    peers.set(name, found)
    return found
  }
  const versions = () => ({
    Node: process.versions.node,
    CPython: isMissing(python) ? 'none' : python.version,
    gcc: gcc ?? 'none',
    ...Object.fromEntries([...peers].map(([name, found]) => [name, isMissing(found) ? 'none' : found])),
  })
  return { python: isMissing(python) ? python : python.path, compile, peer, versions }
}
