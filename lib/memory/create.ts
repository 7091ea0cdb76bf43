/** Making and opening objects: anonymous ones in an arena or a segment of their own, named ones in /dev/shm. */
import { StaleHandleError, TypeMismatchError } from '../errors.js'
import { native, regs } from '../native.js'
import { Block, describeSpec, elementSize, isBareLock, LockKind, nameOf, ObjectKind, type ObjectSpec } from './block.js'
import { type Naming, namesError } from './naming.js'
import { systemCall } from './system-error.js'

/** Objects up to this many bytes share an arena (native/core/arena.h: ARENA_LARGEST_OBJECT, less a cache line for the lock). */
const LARGEST_IN_ARENA = 4096 - 64

function specToRegs(spec: ObjectSpec): void {
  regs[0] = ObjectKind[spec.kind]
  regs[1] = LockKind[spec.lock]
  regs[2] = spec.type?.fingerprint ?? 0
  regs[3] = spec.length
  regs[4] = elementSize(spec)
}

const isSemaphore = ({ kind }: ObjectSpec) => kind === 'Semaphore' || kind === 'BoundedSemaphore'

/** The file of a name in /dev/shm: semaphores are where C's sem_open looks for them. */
export function fileOf(name: string, spec: ObjectSpec): string {
  return isSemaphore(spec) ? native.semaphoreFileName(name) : name
}

function createLarge(spec: ObjectSpec, named: boolean, mode: number): Block {
  systemCall(() => {
    specToRegs(spec)
    native.createLarge(spec.type?.name ?? spec.kind, named, mode, named && isSemaphore(spec))
  })
  return new Block(spec)
}

function createAnonymous(spec: ObjectSpec): Block {
  if (spec.length * elementSize(spec) > LARGEST_IN_ARENA) return createLarge(spec, false, 0)
  specToRegs(spec)
  native.createSmall()
  if (regs[0] !== 0) systemCall(native.throwLastError)
  return new Block(spec)
}

/**
 * Compares what the last open left in regs with what is wanted. Opened in vain: closed again.
 *
 * @param partly - a lock may be that of a Value or Array
 */
function checkFound(block: Block, spec: ObjectSpec, where: string, partly: boolean): Block {
  const found = Array.from(regs.subarray(6, 11))
  const wanted = [ObjectKind[spec.kind], LockKind[spec.lock], spec.type?.fingerprint ?? 0, spec.length, elementSize(spec)]
  if (wanted.every((each, i) => each === found[i])) return block
  if (partly && isBareLock(spec.kind) && found[1] === LockKind[spec.lock]) return block
  block.close()
  const [kind = 0, lock = 0, type = 0, length = 0, size = 0] = found
  const sameType = type === (spec.type?.fingerprint ?? 0)
  const lockName = nameOf(LockKind, lock)
  throw new TypeMismatchError(
    `${where} holds ${nameOf(ObjectKind, kind)}${sameType ? '' : ' of another type'} (length ${length}, ${size}-byte elements, lock ${lockName}), expected ${describeSpec(spec)} (length ${spec.length}, ${elementSize(spec)}-byte elements, lock ${spec.lock})`,
  )
}

function openNamed(name: string, spec: ObjectSpec, adopt: ((fileName: string) => void) | undefined): Block {
  const file = fileOf(name, spec)
  if (adopt !== undefined) systemCall(() => adopt(file))
  systemCall(() => native.openNamed(file))
  return checkFound(new Block(spec), spec, `'${name}'`, false)
}

/** Makes the object under another name (none at all) and links it into place, so that nobody ever sees it half made. */
function createNamed(name: string, spec: ObjectSpec, mode: number, initialise: (block: Block) => void): Block {
  const block = createLarge(spec, true, mode)
  try {
    initialise(block)
    systemCall(() => native.publish(block.segment.number, fileOf(name, spec)))
    return block
  } catch (error) {
    block.close()
    throw error
  }
}

/**
 * Makes an object or, by name, opens it. `initialise` writes the first value of an object that is made here; whoever opens one that is
 * there already gets the value it has. `adopt` is called before a file is opened that another program may have made.
 */
export function createObject(
  spec: ObjectSpec,
  naming: Naming | undefined,
  initialise: (block: Block) => void,
  adopt?: (fileName: string) => void,
): Block {
  if (naming === undefined) {
    const block = createAnonymous(spec)
    try {
      initialise(block)
    } catch (error) {
      block.close()
      throw error
    }
    return block
  }
  const { name, create, mode } = naming
  for (;;) {
    if (create !== true) {
      try {
        return named(openNamed(name, spec, adopt), name)
      } catch (error) {
        if (create === false || !namesError(error, 'ENOENT')) throw error
      }
    }
    try {
      return named(createNamed(name, spec, mode, initialise), name)
    } catch (error) {
      // Somebody else made it since we looked: then theirs counts.
      if (create === true || !namesError(error, 'EEXIST')) throw error
    }
  }
}

function named(block: Block, name: string): Block {
  block.name = name
  return block
}

/** Where a handle says its object is. */
export interface Place {
  readonly id: string
  readonly pid: number
  readonly fd: number
  readonly inode: number
  readonly offset: number
  readonly generation: number
}

/** What was opened is the object that the handle means, and not just one like it. */
function checkPlace(block: Block, place: Place): Block {
  const { id, inode } = block.segment
  if (id === place.id && inode === place.inode && block.offset === place.offset && block.generation === place.generation) return block
  block.close()
  if (id === place.id && block.offset !== place.offset)
    throw new TypeMismatchError(`The handle speaks of offset ${place.offset}, where no object is`)
  throw new StaleHandleError('The place in the handle holds another object by now')
}

/**
 * Opens the object at a place and checks that it is what the handle says.
 *
 * @param local - the segment, where this thread has it open: the fast way
 */
export function openPlace(place: Place, spec: ObjectSpec, local: { number: number } | undefined): Block {
  if (local !== undefined) {
    regs[0] = local.number
    regs[1] = place.offset
    regs[2] = place.generation
    native.openSmall()
    if (regs[0] !== 0) systemCall(native.throwLastError)
  } else {
    systemCall(() => native.openHandle(place.id, place.pid, place.fd, place.inode, place.offset, place.generation))
  }
  return checkPlace(checkFound(new Block(spec), spec, 'The handle', true), place)
}

/** Opens the object of a handle by its name: the process that made the handle may be gone. */
export function openPlaceByName(name: string, place: Place, spec: ObjectSpec): Block {
  systemCall(() => native.openNamed(fileOf(name, spec)))
  return checkPlace(checkFound(new Block(spec), spec, `'${name}'`, true), place)
}
