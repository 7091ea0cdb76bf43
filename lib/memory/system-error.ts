/** Turns the addon's refusals into the classes they stand for. Failed system calls pass as they are, in Node's own form. */
import { codeOf, StaleHandleError, TypeMismatchError } from '../errors.js'

export function systemCall<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ERR_STALE_HANDLE') throw new StaleHandleError((error as Error).message)
    if (code === 'ERR_TYPE_MISMATCH') throw new TypeMismatchError((error as Error).message)
    throw error
  }
}

/** Unlinks a file of /dev/shm. One that leads elsewhere by now is as good as gone: ENOENT. */
export function unlinkAs(file: string, unlink: () => void): void {
  try {
    systemCall(unlink)
  } catch (error) {
    if (!(error instanceof StaleHandleError)) throw error
    const path = `/dev/shm/${file}`
    throw Object.assign(new Error(`ENOENT: the name leads to another object by now, unlink '${path}'`), {
      code: 'ENOENT',
      errno: -2,
      syscall: 'unlink',
      path,
    })
  }
}
