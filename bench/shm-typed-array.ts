/** The package shm-typed-array: typed arrays in System V segments, which other processes find by a key. */
import { loadPeer } from './peers.js'

interface Views {
  Buffer: Buffer
  Int32Array: Int32Array
}

interface ShmTypedArray {
  create<Type extends keyof Views>(length: number, type: Type): Views[Type] & { key: number }
  get<Type extends keyof Views>(key: number, type: Type): Views[Type]
  detach(key: number): number
  /** What is left to the package's exit hook it tells on stdout. */
  destroy(key: number): boolean
}

export const shmTypedArray = (): ShmTypedArray => loadPeer<ShmTypedArray>('shm-typed-array')
