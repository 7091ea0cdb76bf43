/**
 * The letter that a child finds at its start: an anonymous file, complete before the child exists, that it inherits together with the
 * descriptors of all segments. So a parent that is killed right after `start()` takes nothing away.
 */
import { closeSync, fstatSync, readSync } from 'node:fs'
import v8 from 'node:v8'
import { inheritDescriptor } from '../memory/attach.js'
import type { Handle } from '../memory/handle.js'
import { keep } from '../memory/keep.js'
import { native } from '../native.js'
import { packArguments, unpackArguments } from './arguments.js'

/** What a child tells its parent when it has opened all objects in its arguments. */
export const DELIVERED = 'sharedctypes: delivered'

/** Where the child finds it: behind stdin, stdout, stderr and the IPC channel. The segments follow. */
export const LETTER_FD = 4

interface Letter {
  readonly name: string
  readonly module: string
  readonly target: string
  readonly args: Uint8Array
  readonly handles: readonly Handle[]
  /** Ids of the segments, in the order of their descriptors. */
  readonly segments: readonly string[]
}

/** A handle and that of the lock in it. */
function withLock(handle: Handle): Handle[] {
  return typeof handle.lock === 'object' ? [handle, ...withLock(handle.lock)] : [handle]
}

export interface Written {
  /** To be passed to the child from LETTER_FD on; the first is the caller's to close. */
  readonly descriptors: number[]
  /** To be called when the child has opened the objects, or has ended: until then a close here does not free them. */
  delivered(): void
}

export function writeLetter(call: { name: string; module: string; target: string; args: readonly unknown[] }): Written {
  const kept: (() => void)[] = []
  const letGo = () => {
    for (const each of kept) each()
  }
  try {
    const segments = new Map<string, number>()
    const { bytes, handles } = packArguments(call.args, (handle) => {
      for (const each of withLock(handle)) {
        kept.push(keep(each))
        segments.set(each.segment.id, each.segment.fd)
      }
    })
    const letter: Letter = { ...call, args: bytes, handles, segments: [...segments.keys()] }
    return { descriptors: [native.memoryFile(v8.serialize(letter)), ...segments.values()], delivered: letGo }
  } catch (error) {
    letGo()
    throw error
  }
}

export interface Received {
  readonly name: string
  readonly module: string
  readonly target: string
  /** Makes the arguments, live, and closes the inherited descriptors. */
  unpack(): unknown[]
}

export function readLetter(): Received {
  const bytes = Buffer.alloc(fstatSync(LETTER_FD).size)
  for (let at = 0; at < bytes.length; ) at += readSync(LETTER_FD, bytes, at, bytes.length - at, at)
  closeSync(LETTER_FD)
  const { name, module, target, args, handles, segments } = v8.deserialize(bytes) as Letter
  const descriptors = segments.map((id, i) => ({ id, fd: LETTER_FD + 1 + i }))
  const unpack = () => {
    for (const { id, fd } of descriptors) inheritDescriptor(id, fd)
    try {
      return unpackArguments(args, handles)
    } finally {
      // Each segment has a descriptor of its own by now: these share theirs, and so its locks, with the parent.
      for (const { id, fd } of descriptors) {
        inheritDescriptor(id, undefined)
        closeSync(fd)
      }
    }
  }
  return { name, module, target, unpack }
}
