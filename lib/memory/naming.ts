/** Names: what they may look like, and the options that go with them. */
import { checkOptions, shown, wrongRange, wrongType } from '../check.js'
import { codeOf, invalidType, outOfRange } from '../errors.js'

/** Options of everything that can have a name. */
export interface NamedOptions {
  /**
   * Reachable under this name by every process of the same user, until `unlink()`. 1 to 200 characters of `A-Z a-z 0-9 . _ -`; a leading `/`
   * is ignored. Without a name the object is reached through its handle, and freed with the last process that uses it.
   */
  name?: string | undefined
  /** true: must not exist yet (EEXIST). false: must exist (ENOENT). Absent: either. */
  create?: boolean | undefined
  /** Permission bits of a new named object. Default 0o600. */
  mode?: number | undefined
}

/** Named options, checked. */
export interface Naming {
  readonly name: string
  readonly create: boolean | undefined
  readonly mode: number
}

const PATTERN = /^[A-Za-z0-9._-]{1,200}$/

export function checkName(value: unknown): string {
  if (typeof value !== 'string') throw wrongType('name', 'a string', value)
  const name = value.startsWith('/') ? value.slice(1) : value
  if (!PATTERN.test(name) || name === '.' || name === '..') {
    throw outOfRange(
      `Expected \`name\` to be 1 to 200 characters of A-Z a-z 0-9 . _ -, after an optional leading /, got ${shown(value)} (${value.length} characters)`,
    )
  }
  return name
}

/** Half a character, which UTF-8 can't express. */
export const LONE_SURROGATE = /\p{Surrogate}/u

/** The name of a raw block: whatever CPython's SharedMemory takes, that is the name of a file. */
export function checkBlockName(value: unknown, what = 'name'): string {
  if (typeof value !== 'string') throw wrongType(what, 'a string', value)
  const name = value.startsWith('/') ? value.slice(1) : value
  const bytes = Buffer.byteLength(name)
  if (bytes < 1 || bytes > 255 || /[/\0]/.test(name) || name === '.' || name === '..' || LONE_SURROGATE.test(name)) {
    throw outOfRange(
      `Expected \`${what}\` to be 1 to 255 bytes of UTF-8 without / and NUL, after an optional leading /, got ${shown(value)} (${bytes} bytes)`,
    )
  }
  return name
}

/** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function checkNaming(options: NamedOptions | undefined): Naming | undefined {
  const { name, create, mode } = checkOptions(options)
  if (create !== undefined && typeof create !== 'boolean') throw wrongType('create', 'a boolean', create)
  if (mode !== undefined && typeof mode !== 'number') throw wrongType('mode', 'a number of permission bits', mode)
  if (mode !== undefined && (!Number.isInteger(mode) || mode < 0 || mode > 0o777))
    throw wrongRange('mode', 'permission bits from 0 to 0o777', mode)
  if (name !== undefined) return { name: checkName(name), create, mode: mode ?? 0o600 }
  if (create !== undefined || mode !== undefined)
    throw invalidType(`Expected \`name\` to be given with \`create\` and \`mode\`, got ${shown(options)}`)
  return undefined
}

export function namesError(error: unknown, code: string): boolean {
  return codeOf(error) === code
}
