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

export type Answer = { readonly result: unknown } | { readonly failure: Failure }
