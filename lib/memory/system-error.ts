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
