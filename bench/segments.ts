/** What this process has of our memory. */
import { readdirSync, readlinkSync, statSync } from 'node:fs'

/** Descriptors of our segments in this process, by the sizes of what they lead to. */
export function segments(): number[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = `/proc/self/fd/${fd}`
      return readlinkSync(path).startsWith('/memfd:sharedctypes') ? [statSync(path).size] : []
    } catch {
      return [] // the descriptor of the listing itself
    }
  })
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
