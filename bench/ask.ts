import { execFileSync } from 'node:child_process'

/** What a program says of itself; undefined if it isn't there, or doesn't run. */
export function ask(file: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
