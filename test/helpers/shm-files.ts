/** What is in /dev/shm, for tests that must leave nothing there. */
import { readdirSync, statSync } from 'node:fs'
import { shmPath } from '../fixtures/unit-helpers.js'

export const shmFiles = (): ReadonlySet<string> => new Set(readdirSync('/dev/shm'))

/** The inodes that other processes of this user have open or mapped, as far as we may look. */
function inodesOfOthers(): Set<number> {
  const inodes = new Set<number>()
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) inodes.add(statSync(`/proc/${pid}/fd/${fd}`).ino)
    } catch {
      // ended meanwhile, or not ours to look at
    }
  }
  return inodes
}

/**
 * Blocks that are there now and were not `before`, under names that a test chose or that were made up, and that no other process uses: programs
 * that run beside the tests may make blocks too.
 */
export function leftBehind(before: ReadonlySet<string>): string[] {
  const suspects = readdirSync('/dev/shm').filter((name) => !before.has(name) && /^(psm_|sct-unit-)/.test(name))
  if (suspects.length === 0) return []
  const others = inodesOfOthers()
  return suspects.filter((name) => {
    const stat = statSync(shmPath(name), { throwIfNoEntry: false })
    return stat !== undefined && !others.has(stat.ino)
  })
}
