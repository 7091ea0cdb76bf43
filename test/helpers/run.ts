/** Processes run to their end, with what they printed. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Process, type ProcessOptions } from '../../lib/index.js'
import { fixtureUrl } from './paths.js'

export const targetsUrl: string = fixtureUrl('process-targets')

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** All that a stream gives; of none, nothing. */
export async function read(stream: Readable | null): Promise<string> {
  return stream === null ? '' : text(stream)
}

/** A Process that runs a target of the fixture. */
export function processOf(target: (...args: never[]) => unknown, args: readonly unknown[] = [], options: ProcessOptions = {}): Process {
  return new Process(target, args, { module: targetsUrl, ...options })
}

/** Runs a target to its end and collects its output. */
export async function run(
  target: (...args: never[]) => unknown,
  args: readonly unknown[] = [],
  options: ProcessOptions = {},
): Promise<Outcome> {
  const child = processOf(target, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options }).start()
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr), child.join()])
  return { code: child.exitcode, stdout, stderr }
}

/** Runs node with these arguments to its end, and to that of all that share its output. */
export async function runNode(args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const [stdout, stderr, [code]] = await Promise.all([
    read(child.stdout),
    read(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}
