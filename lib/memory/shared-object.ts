/// <reference types="node" preserve="true" />
// Programs without `types: ["node"]` would see `any` for Buffer otherwise.

/** What every shared object has. */
import { native } from '../native.js'
import type { Block } from './block.js'
import { fileOf } from './create.js'
import type { Handle } from './handle.js'
import { unlinkAs } from './system-error.js'

/** Marks shared objects, so that they are found inside a Process's arguments. */
export const SHARED: unique symbol = Symbol.for('sharedctypes.shared')

export interface SharedObject {
  /** The name it was made or opened with, without a leading `/`; undefined for anonymous objects. */
  readonly name: string | undefined
  /** A handle: plain data from which `attach` makes the live object, in any process or worker thread of this machine. */
  toJSON(): Handle
  /** Ends this object's access to the memory. Can be called twice; any other use afterwards throws ERR_CLOSED. */
  close(): void
  /** Removes the name. Those who have the object open keep it. ENOENT if the name is gone or leads elsewhere by now. */
  unlink(): void
  /** The same as {@link close}. */
  [Symbol.dispose](): void
}

export function isShared(value: unknown): value is SharedObject {
  return typeof value === 'object' && value !== null && SHARED in value
}

export function unlinkBlock(block: Block): void {
  const { name, what } = block
  if (name === undefined)
    throw Object.assign(new Error(`ENOENT: ${what} has no name to unlink`), { code: 'ENOENT', errno: -2, syscall: 'unlink' })
  const file = fileOf(name, block.spec)
  unlinkAs(file, () => native.unlinkNamed(file, block.segment.inode, block.segment.device))
}
