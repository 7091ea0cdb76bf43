/** What the kernel tells about processes: which of this user's have which files open or mapped, and who lives. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { native } from '../native.js'
import { SHM_FOLDER } from './names.js'

const MEMFD = '/memfd:sharedctypes (deleted)'

/** The kernel's USER_HZ, which is 100 wherever this library runs. */
const TICKS_PER_MS = 0.1
/** Of the clocks that are compared below: both tick every 10 ms at most. */
const CLOCK_ERROR_MS = 50

/** A file that processes use. */
export interface Use {
  readonly pids: Set<number>
  /** A path in /proc that leads to it, if one of them has it open. */
  path: string | undefined
}

export interface Uses {
  /** By inode: files in /dev/shm. */
  readonly files: Map<bigint, Use>
  /** By inode: anonymous segments of this library. */
  readonly anonymous: Map<bigint, Use>
}

/** undefined where a process has ended meanwhile, or does not let us look. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

function note(uses: Map<bigint, Use>, inode: bigint, pid: number, path: string | undefined): void {
  const use = uses.get(inode) ?? { pids: new Set(), path: undefined }
  use.pids.add(pid)
  use.path ??= path
  uses.set(inode, use)
}

/** Which of the two a path in /proc leads to. Only then is it looked at closer: to look at a file of a dead network server takes for ever. */
function usesFor(uses: Uses, link: string): Map<bigint, Use> | undefined {
  if (link.startsWith(`${SHM_FOLDER}/`)) return uses.files
  return link === MEMFD ? uses.anonymous : undefined
}

function noteDescriptors(pid: number, uses: Uses): void {
  for (const fd of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
    const path = `/proc/${pid}/fd/${fd}`
    const of = usesFor(uses, attempt(() => readlinkSync(path)) ?? '')
    const stat = of && attempt(() => statSync(path, { bigint: true }))
    if (of && stat) note(of, stat.ino, pid, path)
  }
}

function noteMappings(pid: number, uses: Uses): void {
  for (const line of attempt(() => readFileSync(`/proc/${pid}/maps`, 'latin1'))?.split('\n') ?? []) {
    const [, inode, path] = /^\S+ \S+ \S+ \S+ (\d+) +(\/.*)$/.exec(line) ?? []
    const of = path === undefined ? undefined : usesFor(uses, path)
    if (of && inode) note(of, BigInt(inode), pid, undefined)
  }
}

/** Who uses what, of this user's processes but this one. */
export function lookAround(): Uses {
  const uses: Uses = { files: new Map(), anonymous: new Map() }
  const uid = process.geteuid?.()
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    if (attempt(() => statSync(`/proc/${pid}`).uid) !== uid) continue
    noteDescriptors(pid, uses)
    noteMappings(pid, uses)
  }
  return uses
}

/** When a living process started, in ms since 1970; undefined for a dead one, also where its parent has not heard of it. */
function startOf(pid: number): number | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if ('ZXx'.includes(fields[0] as string)) return undefined
  return Date.now() - native.sinceBoot() + Number(fields[19]) / TICKS_PER_MS
}

/** Whether a process that did something by the time `by` (ms since 1970) still lives. Its number may be another's by now. */
export function livesSince(pid: number, by: number): boolean {
  const start = startOf(pid)
  return start !== undefined && start <= by + CLOCK_ERROR_MS
}

/** The process of a thread, or undefined. */
export function processOfThread(tid: number): number | undefined {
  const group = /^Tgid:\s*(\d+)/m.exec(attempt(() => readFileSync(`/proc/${tid}/status`, 'latin1')) ?? '')?.[1]
  return group === undefined ? undefined : Number(group)
}
