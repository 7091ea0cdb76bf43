/** From a handle to the live object. The layers above say how each kind of object is built on its block. */
import { codeOf, StaleHandleError, TypeMismatchError } from '../errors.js'
import type { Block, ObjectKindName, ObjectSpec } from './block.js'
import { openPlace, openPlaceByName, type Place } from './create.js'
import { type Handle, parseHandle, type RawKindName } from './handle.js'
import { RawBlock } from './raw-block.js'
import { Segment } from './segment.js'
import type { SharedObject } from './shared-object.js'

type Builder = (block: Block, spec: ObjectSpec, handle: Handle) => SharedObject
type RawBuilder = (block: RawBlock) => SharedObject
const builders = new Map<ObjectKindName, Builder>()
const rawBuilders = new Map<RawKindName, RawBuilder>()

/** Called once by the module of each kind. */
export function registerKind(kind: ObjectKindName, builder: Builder): void {
  builders.set(kind, builder)
}

export function registerRawKind(kind: RawKindName, builder: RawBuilder): void {
  rawBuilders.set(kind, builder)
}

/** Descriptors that our parent passed to this process, by segment id: they work when the parent is long gone. */
const inherited = new Map<string, number>()

export function inheritDescriptor(id: string, fd: number | undefined): void {
  if (fd === undefined) inherited.delete(id)
  else inherited.set(id, fd)
}

const missing = new Set(['ENOENT', 'ESRCH', 'EBADF', 'ERR_STALE_HANDLE'])

/** Where to look, best first: what this process has, what its parent passed, the process in the handle, the name. */
function* waysToBlock(handle: Handle, place: Place, spec: ObjectSpec): Generator<() => Block> {
  yield () => openPlace({ ...place, fd: -1 }, spec, undefined)
  const passed = inherited.get(place.id)
  if (passed !== undefined) yield () => openPlace({ ...place, pid: 0, fd: passed }, spec, undefined)
  yield () => openPlace(place, spec, undefined)
  const { name } = handle
  if (name !== undefined) yield () => openPlaceByName(name, place, spec)
}

/** The same for a raw block, which each object opens for itself. */
function* waysToRawBlock({ name }: Handle, { id, pid, fd, inode }: Place): Generator<() => RawBlock> {
  if (name === undefined) return
  const passed = inherited.get(id)
  if (passed !== undefined) yield () => RawBlock.openDescriptor(0, passed, inode, name)
  yield () => RawBlock.openDescriptor(pid, fd, inode, name)
  yield () => RawBlock.open(name)
}

/** The first way that leads to the object. */
function firstOf<T>(ways: Iterable<() => T>, pid: number): T {
  let last: unknown
  let denied: unknown
  for (const way of ways) {
    try {
      return way()
    } catch (error) {
      const code = codeOf(error) ?? ''
      // The process of a handle may have ended, and its number be somebody else's: another way may lead there.
      if (code === 'EACCES' || code === 'EPERM') denied ??= error
      else if (!missing.has(code)) throw error
      last = error
    }
  }
  if (denied !== undefined) throw denied
  throw new StaleHandleError(
    `The object is gone: nobody holds it any more, or the process that made the handle (${pid}) has exited (${(last as Error).message})`,
    { cause: last },
  )
}

function openBlock(handle: Handle, place: Place, spec: ObjectSpec): Block {
  const local = Segment.find(place.id)
  if (local?.arena && local.inode === place.inode) return openPlace(place, spec, local)
  return firstOf(waysToBlock(handle, place, spec), place.pid)
}

function openRawBlock(handle: Handle, place: Place): RawBlock {
  const block = firstOf(waysToRawBlock(handle, place), place.pid)
  if (block.id === place.id && block.size === handle.length) return block
  block.close()
  if (block.id !== place.id) throw new StaleHandleError(`The object is gone: '${handle.name}' is another block by now`)
  throw new TypeMismatchError(`The handle holds a block of ${block.size} bytes, expected ${handle.length}`)
}

/**
 * The live object that a handle stands for, in any process or worker thread of this machine.
 *
 * @param handle - what `toJSON()` of the object gave, or its JSON
 * @throws ERR_INVALID_ARG_TYPE if it is no handle; ERR_TYPE_MISMATCH if it leads to another type, length or layout version;
 * ERR_STALE_HANDLE if nobody holds the object any more; EACCES if it belongs to another user
 */
export function attach<T = SharedObject>(handle: Handle | string): T {
  const parsed = parseHandle(handle)
  if (parsed.raw !== undefined) {
    const build = rawBuilders.get(parsed.raw) as RawBuilder
    return closedOnFailure(openRawBlock(parsed.handle, parsed.place), build) as T
  }
  const { spec } = parsed
  const block = openBlock(parsed.handle, parsed.place, spec)
  if (parsed.handle.name !== undefined) block.name = parsed.handle.name
  return closedOnFailure(block, () => (builders.get(spec.kind) as Builder)(block, spec, parsed.handle)) as T
}

function closedOnFailure<B extends { close(): void }>(block: B, build: (block: B) => SharedObject): SharedObject {
  try {
    return build(block)
  } catch (error) {
    block.close()
    throw error
  }
}
