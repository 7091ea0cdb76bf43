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

/** Whether there was something to give back. */
function releaseOne(object: object): boolean {
  return holdsOf(object).some((hold) => {
    try {
      hold.release()
      return true
    } catch {
      return false
    }
  })
}

/** One that an asynchronous flow still holds, which nobody else can release, stays open as long as this process. */
function close(object: SharedObject): void {
  for (;;) {
    try {
      object.close()
      return
    } catch (error) {
      if (codeOf(error) !== 'ERR_DEADLOCK') throw error
      if (!releaseOne(object)) return
    }
  }
}

/** Closes a shared object, or those anywhere in plain data. */
export function closeAll(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (isShared(value)) close(value)
  else if (value instanceof Map || value instanceof Set) for (const each of value) closeAll(each, seen)
  else if (!ArrayBuffer.isView(value)) for (const each of Object.values(value)) closeAll(each, seen)
}
