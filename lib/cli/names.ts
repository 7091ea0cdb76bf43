/**
 * Names of files in /dev/shm, as they are shown and typed. A name may be any bytes: those that a terminal would take for a command, that are
 * not UTF-8, and the backslash are shown as \xNN.
 */
import { shown } from '../check.js'
import { outOfRange } from '../errors.js'

export const SHM_FOLDER = '/dev/shm'

const escaped = (bytes: Iterable<number>): string => [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')

/** Text without anything that steers a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (character) => escaped(Buffer.from(character)))
}

export function showName(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) return printable(text)
  return bytes.toString('latin1').replace(/[^ -~]|\\/g, (character) => escaped(Buffer.from(character, 'latin1')))
}

/** The other way round. */
function readName(typed: string): Buffer {
  const parts = typed.match(/\\x[0-9a-f]{2}|./gsu) ?? []
  return Buffer.concat(
    parts.map((part) => (part.length === 4 && part.startsWith('\\x') ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part))),
  )
}

function checkName(name: Buffer, typed: string): Buffer {
  const bad = name.length === 0 || name.length > 255 || name.includes(0) || name.includes('/') || ['.', '..'].includes(name.toString())
  if (bad) throw outOfRange(`Expected a name in ${SHM_FOLDER}, without a path, got ${shown(typed)}`)
  return name
}

export function pathOf(name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${SHM_FOLDER}/`), name])
}

/**
 * The files that a typed name may mean, the likelier first: as `ls` shows it, then to the letter. A leading / is ignored.
 *
 * @throws ERR_OUT_OF_RANGE if it could lead out of /dev/shm
 */
export function filesNamed(typed: string): Buffer[] {
  const bare = typed.startsWith('/') ? typed.slice(1) : typed
  const names = [readName(bare), Buffer.from(bare)].map((name) => checkName(name, typed))
  return names[0]?.equals(names[1] as Buffer) ? names.slice(0, 1) : names
}
