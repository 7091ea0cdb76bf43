/** What is thrown or rejected, as a value to look at. */
import { AssertionError } from 'chai'

export type Coded = Error & { code?: string }

function asError(error: unknown): Coded {
  if (error instanceof Error) return error
  throw new AssertionError(`expected an Error, got ${String(error)}`)
}

/** The error that `call` throws. */
export function thrown(call: () => unknown): Coded {
  let result: unknown
  try {
    result = call()
  } catch (error) {
    return asError(error)
  }
  throw new AssertionError(`expected an error, got ${String(result)}`)
}

/** The error that a promise rejects with. */
export async function rejected(promise: Promise<unknown>): Promise<Coded> {
  let result: unknown
  try {
    result = await promise
  } catch (error) {
    return asError(error)
  }
  throw new AssertionError(`expected a rejection, got ${String(result)}`)
}

/** The code of the error that `call` throws. */
export function codeThrown(call: () => unknown): string | undefined {
  return thrown(call).code
}

/** The code of the error that a promise rejects with. */
export async function codeRejected(promise: Promise<unknown>): Promise<string | undefined> {
  return (await rejected(promise)).code
}
