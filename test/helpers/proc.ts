/** What the kernel says about processes: descriptors, mappings, threads. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What the descriptors of a process lead to. */
export function descriptors(pid: number | 'self' = 'self'): string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)]
    } catch {
      return [] // the one that readdir itself had open
    }
  })
}

/** Those that lead to memory of this library. */
export function segmentDescriptors(): string[] {
  return descriptors().filter((link) => link.startsWith('/memfd:sharedctypes') || link.startsWith('/dev/shm/'))
}

/** The lines of /proc/self/maps that map a file of this inode; all of this library's memory without one. */
export function mappings(inode?: number): string[] {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => {
      const [, , , , node, path = ''] = line.split(/\s+/)
      if (inode !== undefined) return Number(node) === inode
      return path.startsWith('/memfd:sharedctypes') || path.startsWith('/dev/shm/')
    })
}

/** How many threads this process has. */
export function threads(): number {
  return readdirSync('/proc/self/task').length
}

/** The living processes, zombies aside, whose environment has this variable with this value. */
export function processesWith(variable: string, value: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${variable}=${value}`)
      } catch {
        return false // ended meanwhile
      }
    })
}
