/** What this thread reads under an RWLock, whichever of its objects for the lock it used. */
import { type Frame, isInside } from './flow.js'

export class Reads {
  /** Holds of this thread, each to be released once. */
  holds = 0
  /** Those of them that share another's place among the lock's readers. */
  shared = 0
  /** The `withLockAsync` callbacks that read. */
  readonly frames = new Set<Frame>()

  /** One more hold, which shares the place of one there is. */
  share(): true {
    this.shared++
    this.holds++
    return true
  }

  /** Whether the calling code runs in a flow that reads. */
  get byCaller(): boolean {
    for (const frame of this.frames) if (isInside(frame)) return true
    return false
  }
}

const all = new Map<number, { reads: Reads; users: number }>()

/** Of the lock at this address; one for all objects of this thread. */
export function useReads(address: number): Reads {
  const known = all.get(address)
  if (known !== undefined) {
    known.users++
    return known.reads
  }
  const reads = new Reads()
  all.set(address, { reads, users: 1 })
  return reads
}

/** What says that there is one object less. Holds nothing but the address: it outlives the object. */
export function leaverOf(address: number): () => void {
  return () => {
    const known = all.get(address)
    if (known !== undefined && --known.users === 0) all.delete(address)
  }
}
