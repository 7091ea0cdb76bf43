/** Handles: plain data that says where an object is and what it is. They cross messages, argv and the environment. */
import { checkTimeout, shown, wrongType } from '../check.js'
import { type TypeDescription, typeFromDescription } from '../ctypes/struct.js'
import { invalidType, TypeMismatchError } from '../errors.js'
import { type Block, BODY_BYTES, LockKind, type LockKindName, ObjectKind, type ObjectKindName, type ObjectSpec } from './block.js'
import type { Place } from './create.js'
import { checkBlockName, checkName } from './naming.js'
import type { RawBlock } from './raw-block.js'

/** The version of the handle's form. */
const VERSION = 1

/** Objects that are raw blocks. */
const RAW_KINDS = ['SharedMemory', 'ShareableList'] as const
export type RawKindName = (typeof RAW_KINDS)[number]
const KINDS: readonly string[] = [...Object.keys(ObjectKind), ...RAW_KINDS]
const isRaw = (kind: string): kind is RawKindName => RAW_KINDS.some((each) => each === kind)

/** What `toJSON()` of a shared object gives and `attach` takes. Plain data; treat it as opaque. */
export interface Handle {
  readonly sharedctypes: number
  readonly kind: ObjectKindName | RawKindName
  readonly lock: LockKindName | Handle
  readonly type?: TypeDescription
  /** In elements; of raw blocks in bytes. */
  readonly length: number
  /** Where the bytes are: descriptor `fd` of process `pid` leads to the segment `id`, of this inode; the object is at `offset` in it. */
  readonly segment: { readonly id: string; readonly pid: number; readonly fd: number; readonly inode: number }
  readonly offset: number
  readonly generation: number
  readonly name?: string
  /** A lock's policy, where it is one that can travel. */
  readonly onOwnerDied?: 'throw'
  /** A barrier's, in ms. */
  readonly timeout?: number
}

export type HandleExtras = Pick<Handle, 'kind' | 'lock' | 'length'> & { type?: TypeDescription; onOwnerDied?: 'throw' }

const blockOfHandle = new WeakMap<Handle, RawBlock>()

export function makeRawHandle(block: RawBlock, kind: RawKindName): Handle {
  block.checkOpen()
  const { id, fd, inode, size, name } = block
  const segment = { id, pid: process.pid, fd, inode }
  const handle: Handle = { sharedctypes: VERSION, kind, lock: 'none', length: size, segment, offset: 0, generation: 0, name }
  blockOfHandle.set(handle, block)
  return handle
}

/** The raw block of which this thread made the handle. */
export function rawBlockOf(handle: Handle): RawBlock | undefined {
  return blockOfHandle.get(handle)
}

export function makeHandle(block: Block, extras: HandleExtras): Handle {
  block.checkOpen()
  const { id, fd, inode } = block.segment
  return {
    sharedctypes: VERSION,
    ...extras,
    segment: { id, pid: process.pid, fd, inode },
    offset: block.offset,
    generation: block.generation,
    ...(block.name === undefined ? {} : { name: block.name }),
  }
}

/** A handle, checked as far as it can be without looking at memory: of an object with a spec, or of a raw block. */
export type ParsedHandle = {
  readonly handle: Handle
  readonly place: Place
} & ({ readonly spec: ObjectSpec; readonly raw?: undefined } | { readonly raw: RawKindName })

function field<T>(handle: Record<string, unknown>, key: string, accepts: (value: unknown) => boolean, expected: string): T {
  const value = handle[key]
  if (!accepts(value)) throw wrongType(`handle.${key}`, expected, value)
  return value as T
}

const natural = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const upTo = (limit: number) => (value: unknown) => natural(value) && (value as number) <= limit
const isName = (check: (value: unknown) => string) => (value: unknown) => {
  try {
    return check(value) === value
  } catch {
    return false
  }
}

/** The handle of a given lock. A lock's own handle holds no further one, so this goes no deeper. */
function checkInnerLock(lock: Handle): void {
  if (lock !== null && (lock.kind === 'Lock' || lock.kind === 'RLock')) parseHandle(lock)
  else throw new TypeMismatchError(`Expected \`handle.lock\` to be the handle of a lock, got ${shown(lock)}`)
}

/** The locks that objects without a type have. */
const OWN_LOCKS: { readonly [K in ObjectKindName]?: readonly LockKindName[] } = {
  Lock: ['Lock'],
  RLock: ['RLock'],
  Condition: ['RLock'], // or the handle of the lock it was given
  RWLock: ['Lock'],
}

function checkUntyped(handle: Record<string, unknown>, kind: ObjectKindName): void {
  const locks = OWN_LOCKS[kind] ?? ['none']
  const length = BODY_BYTES[kind] ?? 0
  const lockFits = typeof handle.lock === 'object' ? kind === 'Condition' : locks.includes(handle.lock as LockKindName)
  if (!lockFits || handle.length !== length || handle.type !== undefined) {
    throw new TypeMismatchError(
      `Expected the handle of a ${kind} to have lock ${locks.join(' or ')}, no type and length ${length}, got ${shown(handle)}`,
    )
  }
}

function placeIn(handle: Record<string, unknown>): Place {
  const segment = field<Record<string, unknown>>(handle, 'segment', (s) => typeof s === 'object' && s !== null, 'an object')
  const at = (key: string, limit: number) => field<number>(segment, key, upTo(limit), `an integer from 0 to ${limit}`)
  return {
    id: field(segment, 'id', (id) => typeof id === 'string' && /^[0-9a-f]{16}$/.test(id), '16 hex digits'),
    pid: at('pid', 2 ** 31 - 1),
    fd: at('fd', 2 ** 31 - 1),
    inode: at('inode', Number.MAX_SAFE_INTEGER),
    offset: field(handle, 'offset', natural, 'an integer >= 0'),
    generation: field(handle, 'generation', upTo(2 ** 32 - 1), 'an integer from 0 to 4294967295'),
  }
}

/** @throws ERR_INVALID_ARG_TYPE if it is no handle; ERR_TYPE_MISMATCH if it is one of another version */
export function parseHandle(value: unknown): ParsedHandle {
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value)
    } catch {
      throw invalidType('Expected `handle` to be a handle or its JSON, got a string that is no JSON')
    }
  }
  if (typeof value !== 'object' || value === null || !('sharedctypes' in value)) {
    throw wrongType(
      'handle',
      'a handle: what toJSON() of a shared object gives (a structured clone of the object itself is only a copy)',
      value,
    )
  }
  const handle = value as Record<string, unknown>
  if (handle.sharedctypes !== VERSION)
    throw new TypeMismatchError(`Expected a handle of version ${VERSION}, got version ${shown(handle.sharedctypes)}`)
  const kind = field<ObjectKindName | RawKindName>(
    handle,
    'kind',
    (k) => typeof k === 'string' && KINDS.includes(k),
    `one of ${KINDS.join(', ')}`,
  )
  const lock = field<LockKindName | Handle>(
    handle,
    'lock',
    (l) => typeof l === 'object' || (typeof l === 'string' && Object.hasOwn(LockKind, l)),
    `one of ${Object.keys(LockKind).join(', ')}, or a lock's handle`,
  )
  const length = field<number>(handle, 'length', natural, 'an integer >= 0')
  checkTimeout(handle.timeout, 'handle.timeout')
  const common = { handle: value as Handle, place: placeIn(handle) }
  if (isRaw(kind)) {
    field(handle, 'name', isName(checkBlockName), 'the name of a block')
    return { ...common, raw: kind }
  }
  if (handle.name !== undefined) field(handle, 'name', isName(checkName), 'a name, or absent')
  const typed = kind === 'Value' || kind === 'Array'
  if (!typed) checkUntyped(handle, kind)
  if (typeof lock === 'object') checkInnerLock(lock)
  const type = typed ? typeFromDescription(handle.type, 'handle.type') : undefined
  return { ...common, spec: { kind, lock: typeof lock === 'string' ? lock : 'none', length, type } }
}
