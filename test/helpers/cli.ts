/** The command line tool, run as users run it. */
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Entry } from '../../lib/cli/entry.js'
import { type Outcome, runNode } from './run.js'

/** This file runs as dist/test/helpers/cli.js. */
export const program = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))

export function cli(...args: string[]): Promise<Outcome> {
  return runNode([program, ...args])
}

/** What a command that must succeed answers as JSON. */
export async function ask<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await cli(...args, '--json')
  expect(stderr).to.equal('')
  expect(code).to.equal(0)
  return JSON.parse(stdout) as T
}

/** `ls --json`, of the names that begin so, by what follows. */
export async function list(prefix: string): Promise<Record<string, Entry>> {
  const entries = await ask<Entry[]>('ls')
  const found: Record<string, Entry> = {}
  for (const entry of entries) {
    const bare = entry.name?.replace(/^sem\./, '') ?? ''
    if (bare.startsWith(prefix)) found[bare.slice(prefix.length)] = entry
  }
  return found
}
