/** What there is to tell of one file, in a line. */
import { type BigIntStats, lstatSync } from 'node:fs'
import { codeOf } from '../errors.js'
import type { SeenFile, SeenSegment } from '../native.js'
import { native } from '../native.js'
import { ReadFile } from './file.js'
import { listLength } from './list-file.js'
import { pathOf, showName } from './names.js'
import { livesSince, processOfThread, type Use, type Uses } from './processes.js'
import { kindOf, typeOf } from './types.js'

export interface Holder {
  readonly pid: number
  readonly alive: boolean
}

export interface Entry {
  /** null: anonymous. */
  name: string | null
  /** Of our object, or `arena`, `SharedMemory`, `ShareableList`, `file`. */
  kind: string
  type: string
  size: number
  /** How many processes use it; null for what can't be attached. */
  attached: number | null
  pids: number[]
  /** null: the file does not tell. */
  creator: { pid: number; alive: boolean } | null
  /** Processes that hold the lock, permits, or reads, also dead ones that nobody has taken it back from. `pid` 0: one that can't be told. */
  lockedBy: Holder[]
  /** An owner of the lock was killed, and nobody has mended what it guards. */
  ownerDied: boolean
  /** Why it can't be used, or read. */
  problem: string | null
}

/** A look at one file, while it is open. */
export interface Look {
  readonly entry: Entry
  readonly file: ReadFile | undefined
  readonly seen: SeenFile | undefined
}

function specialFile(stat: BigIntStats): string | undefined {
  if (stat.isFile()) return undefined
  if (stat.isDirectory()) return 'a directory'
  if (stat.isSymbolicLink()) return 'a symbolic link'
  if (stat.isFIFO()) return 'a FIFO'
  return stat.isSocket() ? 'a socket' : 'a device'
}

function problemOf(error: unknown): string {
  const code = codeOf(error)
  if (code === 'EAGAIN') return 'somebody has a lease on it, as who is about to remove it'
  return code === 'EACCES' || code === 'EPERM' ? `${code}: not readable` : (error as Error).message
}

function blank(name: string | null, stat: BigIntStats, use: Use | undefined): Entry {
  const pids = [...(use?.pids ?? [])].sort((a, b) => a - b)
  const common = { name, kind: 'file', type: 'file', size: Number(stat.size), attached: pids.length, pids }
  return { ...common, creator: null, lockedBy: [], ownerDied: false, problem: null }
}

/** By when its creator had started: semaphores that a program in C made are signed when they are first opened here, long after their birth. */
function madeBy({ semaphoreFile }: SeenSegment, { birthtimeNs, ctimeNs }: BigIntStats): number {
  const ns = semaphoreFile ? ctimeNs : birthtimeNs
  return ns === 0n ? Number.POSITIVE_INFINITY : Number(ns / 1_000_000n)
}

function ownerOf({ lock }: SeenSegment): Holder[] {
  if (lock === undefined) return []
  if (lock.tid !== 0) return [{ pid: lock.pid || (processOfThread(lock.tid) ?? 0), alive: true }]
  return lock.ownerDied ? [{ pid: lock.pid, alive: false }] : []
}

function lockedBy(seen: SeenSegment): Holder[] {
  const holders = seen.users.filter(({ held }) => held > 0).map(({ pid, alive }) => ({ pid, alive }))
  const owners = ownerOf(seen)
  return [...owners, ...holders.filter(({ pid }) => pid === 0 || owners.every((owner) => owner.pid !== pid))]
}

function addSegment(entry: Entry, seen: SeenSegment, stat: BigIntStats): void {
  const living = seen.users.filter(({ alive }) => alive)
  const pids = new Set([...entry.pids, ...living.map(({ pid }) => pid).filter((pid) => pid !== 0)])
  entry.kind = kindOf(seen)
  entry.type = typeOf(seen)
  entry.pids = [...pids].sort((a, b) => a - b)
  // One that has just taken its slot has not signed it yet.
  entry.attached = pids.size + living.filter(({ pid }) => pid === 0).length
  entry.creator = { pid: seen.creator, alive: pids.has(seen.creator) || livesSince(seen.creator, madeBy(seen, stat)) }
  entry.lockedBy = lockedBy(seen)
  entry.ownerDied = seen.lock?.ownerDied ?? false
}

/** A file without a header. */
function addBlock(entry: Entry, file: ReadFile): void {
  if (file.size === 0) {
    entry.problem = 'empty'
    return
  }
  const length = listLength(file)
  entry.kind = length === undefined ? 'SharedMemory' : 'ShareableList'
  entry.type = length === undefined ? 'SharedMemory' : `ShareableList(${length})`
}

/** glibc's prefix of semaphores' files; elsewhere there is none, and nothing tells 32 bytes from a semaphore. */
const SEMAPHORES = native.semaphoreFileName('')

function addContent(entry: Entry, file: ReadFile): SeenFile {
  const seen = native.inspectFile(file.fd)
  if (seen.found === 'damaged') entry.problem = seen.fault
  else if (seen.found === 'object' || seen.found === 'arena') addSegment(entry, seen, file.stat)
  else if (seen.found === 'plain semaphore' && SEMAPHORES !== '' && entry.name?.startsWith(SEMAPHORES)) {
    entry.kind = 'Semaphore'
    entry.type = 'Semaphore'
  } else addBlock(entry, file)
  return seen
}

function lookAtFile<T>(entry: Entry, path: Buffer | string, inode: bigint, then: (look: Look) => T): T {
  let file: ReadFile | undefined
  let seen: SeenFile | undefined
  try {
    file = new ReadFile(path, entry.name === null)
    if (file.stat.ino === inode && file.stat.isFile()) seen = addContent(entry, file)
    else entry.problem = 'it was replaced while it was looked at'
  } catch (error) {
    entry.problem = problemOf(error)
  }
  try {
    return then({ entry, file, seen })
  } finally {
    file?.close()
  }
}

/** @throws ENOENT */
export function lookAt<T>(name: Buffer, uses: Uses, then: (look: Look) => T): T {
  const stat = lstatSync(pathOf(name), { bigint: true })
  const entry = blank(showName(name), stat, uses.files.get(stat.ino))
  const special = specialFile(stat)
  if (special === undefined) return lookAtFile(entry, pathOf(name), stat.ino, then)
  return then({ entry: { ...entry, attached: null, problem: special }, file: undefined, seen: undefined })
}

/** The same for an anonymous segment; undefined if it is gone. */
export function lookAtAnonymous(inode: bigint, use: Use): Entry | undefined {
  if (use.path === undefined) return undefined
  try {
    using file = new ReadFile(use.path, true)
    if (file.stat.ino !== inode) return undefined
    const entry = blank(null, file.stat, use)
    addContent(entry, file)
    return entry
  } catch {
    return undefined
  }
}
