/** From a handle to the live object. The layers above say how each kind of object is built on its block. */
import { codeOf, StaleHandleError } from '../errors.js'
import type { Block, ObjectKindName, ObjectSpec } from './block.js'
import { openPlace, openPlaceByName } from './create.js'
import { type Handle, type ParsedHandle, parseHandle } from './handle.js'
import { Segment } from './segment.js'
import type { SharedObject } from './shared-object.js'

type Builder = (block: Block, spec: ObjectSpec, handle: Handle) => SharedObject
const builders = new Map<ObjectKindName, Builder>()

/** Called once by the module of each kind. */
export function registerKind(kind: ObjectKindName, builder: Builder): void {
  builders.set(kind, builder)
}

/** Descriptors that our parent passed to this process, by segment id: they work when the parent is long gone. */
const inherited = new Map<string, number>()

export function inheritDescriptor(id: string, fd: number | undefined): void {
  if (fd === undefined) inherited.delete(id)
  else inherited.set(id, fd)
}

const missing = new Set(['ENOENT', 'ESRCH', 'EBADF', 'ERR_STALE_HANDLE'])

/** Where to look, best first: what this process has, what its parent passed, the process in the handle, the name. */
function* ways({ handle, place, spec }: ParsedHandle): Generator<() => Block> {
  yield () => openPlace({ ...place, fd: -1 }, spec, undefined)
  const passed = inherited.get(place.id)
  if (passed !== undefined) yield () => openPlace({ ...place, pid: 0, fd: passed }, spec, undefined)
  yield () => openPlace(place, spec, undefined)
  const { name } = handle
  if (name !== undefined) yield () => openPlaceByName(name, place, spec)
}

function open(parsed: ParsedHandle): Block {
  const { place, spec } = parsed
  const local = Segment.find(place.id)
  if (local?.arena && local.inode === place.inode) return openPlace(place, spec, local)
  let last: unknown
  for (const way of ways(parsed)) {
    try {
      return way()
    } catch (error) {
      if (!missing.has(codeOf(error) ?? '')) throw error
      last = error
    }
  }
  throw new StaleHandleError(
    `The object is gone: nobody holds it any more, or the process that made the handle (${place.pid}) has exited (${(last as Error).message})`,
    { cause: last },
  )
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
  const block = open(parsed)
  if (parsed.handle.name !== undefined) block.name = parsed.handle.name
  try {
    return (builders.get(parsed.spec.kind) as Builder)(block, parsed.spec, parsed.handle) as T
  } catch (error) {
    block.close()
    throw error
  }
}
