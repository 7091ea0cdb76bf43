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

/** What a process does: R, S, T (stopped), Z … as in proc(5); undefined if it is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat[stat.lastIndexOf(')') + 2]
  } catch {
    return undefined
  }
}

/** Set in a process's flags from the moment it begins to die: what it held may be given on before it shows as a zombie. */
const PF_EXITING = 4

/** Whether a process lives, and is not about to be dead. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', , , , , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return !'ZXx'.includes(state) && (Number(flags) & PF_EXITING) === 0
  } catch {
    return false
  }
}
