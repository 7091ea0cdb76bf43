/** What a process of a race and its parent tell each other. */
import type { Handle } from '../index.js'

/** The descriptor that the watchdog listens to: behind stdin, stdout, stderr and the IPC channel. */
export const LIFELINE_FD = 4

/** The first message: which module is the process's own. */
export interface Birth {
  readonly name: string
  readonly module: string
}

/** Arguments as `packArguments` gives them. */
export interface Packed {
  readonly bytes: Uint8Array
  readonly handles: readonly Handle[]
}

export interface Order {
  readonly duty: string
  readonly args: Packed
}

export interface Failure {
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly code?: string
}

/** Tells answers from what the user's own code sends. */
export const ANSWER = 'sharedctypes/testing'

export type Outcome = { readonly result: unknown } | { readonly failure: Failure }
export type Answer = { readonly is: typeof ANSWER } & Outcome

export function isAnswer(message: unknown): message is Answer {
  return typeof message === 'object' && message !== null && 'is' in message && message.is === ANSWER
}
