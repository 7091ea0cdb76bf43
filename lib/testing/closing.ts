/** Closes shared objects that a test used, in whatever state it left them. */
import { codeOf } from '../errors.js'
import { isShared, type SharedObject } from '../memory/shared-object.js'

interface Releasable {
  release(): void
}

/** What of an object this thread may hold: the lock itself, or the halves of one for readers and writers. */
function holdsOf(object: object): Releasable[] {
  if ('read' in object && 'write' in object) return [object.write, object.read] as Releasable[]
  return 'release' in object ? [object as Releasable] : []
}

function releaseAll(hold: Releasable): void {
  for (;;) {
    try {
      hold.release()
    } catch {
      return // no longer ours
    }
  }
}

function close(object: SharedObject): void {
  try {
    object.close()
  } catch (error) {
    if (codeOf(error) !== 'ERR_DEADLOCK') throw error
    for (const hold of holdsOf(object)) releaseAll(hold)
    object.close()
  }
}

/** Closes a shared object, or those anywhere in plain data. */
export function closeAll(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (isShared(value)) close(value)
  else if (!ArrayBuffer.isView(value)) for (const each of Object.values(value)) closeAll(each)
}
