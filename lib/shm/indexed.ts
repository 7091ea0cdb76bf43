/**
 * `list[i]`: an object whose prototypes end in a Proxy. Only what is no member of the object or its class gets that far, so methods and getters
 * cost what they always cost.
 */
import { indexTraps } from '../ctypes/indexing.js'

interface Sequence {
  get(index: number): unknown
  set(index: number, value: unknown): void
}

const traps = indexTraps(
  (sequence: Sequence, index) => sequence.get(index),
  (sequence, index, value) => sequence.set(index, value),
)

/** The class to extend. */
export const Indexed = function Indexed() {} as unknown as abstract new () => object
Indexed.prototype = new Proxy(Object.create(Object.prototype), traps)
