/** `ls`: a line for each segment, block and semaphore. */
import { lstatSync, readdirSync } from 'node:fs'
import { codeOf } from '../errors.js'
import { type Entry, lookAt, lookAtAnonymous } from './entry.js'
import { pathOf, SHM_FOLDER } from './names.js'
import { json, table } from './output.js'
import { lookAround, type Uses } from './processes.js'

/** undefined: another user's, or gone. */
function entryOf(name: Buffer, uses: Uses): Entry | undefined {
  try {
    if (lstatSync(pathOf(name)).uid !== process.geteuid?.()) return undefined
    return lookAt(name, uses, ({ entry }) => entry)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

export function entries(): Entry[] {
  const uses = lookAround()
  const names = readdirSync(SHM_FOLDER, { encoding: 'buffer' }).sort(Buffer.compare)
  const named = names.map((name) => entryOf(name, uses))
  const anonymous = [...uses.anonymous].map(([inode, use]) => lookAtAnonymous(inode, use))
  return [...named, ...anonymous].filter((entry) => entry !== undefined)
}

export function creatorText({ creator }: Entry): string {
  return creator === null ? '-' : `${creator.pid} ${creator.alive ? 'alive' : 'dead'}`
}

export function lockText({ lockedBy }: Entry): string {
  if (lockedBy.length === 0) return '-'
  return lockedBy.map(({ pid, alive }) => (pid === 0 ? 'unknown' : alive ? `${pid}` : `${pid} dead`)).join(', ')
}

function row(entry: Entry): string[] {
  const { name, type, size, attached, problem } = entry
  const common = [name ?? '(anonymous)', type, String(size), attached === null ? '-' : String(attached)]
  return [...common, creatorText(entry), lockText(entry), problem ?? '']
}

export function ls(asJson: boolean): string {
  const found = entries()
  if (asJson) return json(found)
  const noted = found.some(({ problem }) => problem !== null)
  const head = ['NAME', 'TYPE', 'SIZE', 'ATTACHED', 'CREATOR', 'LOCKED BY', noted ? 'PROBLEM' : '']
  return table([head, ...found.map(row)], new Set([2, 3]))
}
