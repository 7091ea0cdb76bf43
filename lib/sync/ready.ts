/** How the addon's watcher tells this thread that something which is waited for asynchronously looks ready. */
import { native, regs } from '../native.js'

/** Gets word, once for each watch. */
export interface Ready {
  looksReady(): void
}

const watched = new Map<number, Ready>()
/** The addon keeps tokens in 32 bits. */
const LAST_TOKEN = 2 ** 32 - 1
let nextToken = 1
let pending = 0
let queue: number | undefined

/** This module's queue in the addon, made on first use. */
function listen(): number {
  queue ??= native.onReady((tokens) => {
    for (const token of tokens) {
      const ready = watched.get(token)
      watched.delete(token)
      ready?.looksReady()
    }
  })
  return queue
}

/**
 * Begins a watch. `begin` fills in what is to be watched and calls the addon.
 *
 * @returns its token
 */
export function watch(ready: Ready, begin: () => void): number {
  const number = listen()
  const token = nextToken
  nextToken = (nextToken % LAST_TOKEN) + 1
  watched.set(token, ready)
  regs[8] = token
  regs[9] = number
  begin()
  return token
}

export function unwatch(token: number): void {
  regs[8] = token
  regs[9] = listen()
  native.unwatch()
  watched.delete(token)
}

/** Pending waits keep the process alive, as an open socket does: somebody expects their outcome. */
export function countPending(change: 1 | -1): void {
  pending += change
  if (pending === 0 || (pending === 1 && change === 1)) native.keepAlive(listen(), pending > 0)
}
