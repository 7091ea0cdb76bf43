/**
 * The errors of this library. Each has a stable `code`; failed system calls keep Node's own form (`code: 'ENOSPC'`, `errno`, `syscall`, `path`).
 */
export class SharedCTypesError extends Error {
  /** Stable: tell errors apart by it, not by the message. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  override get name(): string {
    return this.constructor.name
  }
}

/** `ERR_CLOSED`: the object was closed in this process. */
export class ClosedError extends SharedCTypesError {
  constructor(what: string, reason?: string) {
    super('ERR_CLOSED', reason === undefined ? `${what} is closed` : `${what} is closed: ${reason}`)
  }
}

/** `ERR_NOT_OWNER`: the caller does not hold the lock it wants to release. */
export class NotOwnerError extends SharedCTypesError {
  constructor(message: string) {
    super('ERR_NOT_OWNER', message)
  }
}

/** `ERR_DEADLOCK`: the call could never return, or would lock others out for ever. */
export class DeadlockError extends SharedCTypesError {
  constructor(message: string) {
    super('ERR_DEADLOCK', message)
  }
}

/** `ERR_OWNER_DIED`: whoever held the lock was killed, and nobody has mended what it guards. */
export class OwnerDiedError extends SharedCTypesError {
  /** The dead owner's process id; 0 if it was killed in the instant between taking the lock and signing it. */
  readonly pid: number

  constructor(pid: number, message: string) {
    super('ERR_OWNER_DIED', message)
    this.pid = pid
  }
}

/** `ERR_OVER_RELEASE`: more permits would be free than a semaphore may have. Nothing was changed. */
export class OverReleaseError extends SharedCTypesError {
  constructor(message: string) {
    super('ERR_OVER_RELEASE', message)
  }
}

/** `ERR_BROKEN_BARRIER`: a party of the barrier gave up, was killed, or called `abort()`. */
export class BrokenBarrierError extends SharedCTypesError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_BROKEN_BARRIER', message, options)
  }
}

/** `ERR_TIMEOUT`: a `withLock` could not get its lock in time. (`acquire` answers false instead.) */
export class TimeoutError extends SharedCTypesError {
  constructor(message: string) {
    super('ERR_TIMEOUT', message)
  }
}

/** `ERR_TYPE_MISMATCH`: a name or handle leads to another type, length or layout version. */
export class TypeMismatchError extends SharedCTypesError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_TYPE_MISMATCH', message, options)
  }
}

/** `ERR_STALE_HANDLE`: nobody holds the object any more. */
export class StaleHandleError extends SharedCTypesError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_STALE_HANDLE', message, options)
  }
}

/** A TypeError with code `ERR_INVALID_ARG_TYPE`. */
export function invalidType(message: string): TypeError & { code: string } {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}

/** A RangeError with code `ERR_OUT_OF_RANGE`. */
export function outOfRange(message: string): RangeError & { code: string } {
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
}

/** The code of anything thrown, or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
