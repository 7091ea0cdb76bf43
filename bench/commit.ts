/** Which state of the sources was measured. */
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** dist/bench/commit.js stands two folders below. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

/** The commit, with '+changes' where files differ from it, other than those that a run writes; 'unknown' without git. */
export function currentCommit(): string {
  try {
    const changed = git('status', '--porcelain', '--', '.', ':!docs/bench') !== ''
    return `${git('rev-parse', 'HEAD')}${changed ? '+changes' : ''}`
  } catch {
    return 'unknown'
  }
}
