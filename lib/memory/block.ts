/** Blocks: the place of one shared object, with its lock's and its data's address. Closing a block ends this object's access. */
import type { AnyType, TypedArray, ViewName } from '../ctypes/ctype.js'
import type { Memory } from '../ctypes/memory.js'
import { ClosedError, DeadlockError } from '../errors.js'
import { native, regs } from '../native.js'
import { checkLength } from './length.js'
import { Segment } from './segment.js'

/** Kinds of object and of lock, as in native/core/layout.h. */
export const ObjectKind = {
  Value: 1,
  Array: 2,
  Lock: 3,
  RLock: 4,
  Semaphore: 5,
  BoundedSemaphore: 6,
  Condition: 7,
  Event: 8,
  Barrier: 9,
  RWLock: 10,
} as const
export type ObjectKindName = keyof typeof ObjectKind
export const LockKind = { none: 0, Lock: 1, RLock: 2 } as const
export type LockKindName = keyof typeof LockKind

/** What a header's number for a kind stands for. */
export function nameOf(kinds: Readonly<Record<string, number>>, code: number): string {
  return Object.keys(kinds).find((name) => kinds[name] === code) ?? `unknown (${code})`
}

/** Bytes of shared state behind what is neither data nor a bare lock; the structs of native/core/layout.h. */
export const BODY_BYTES: { readonly [K in ObjectKindName]?: number } = {
  Semaphore: 576,
  BoundedSemaphore: 576,
  Condition: 16,
  Event: 16,
  Barrier: 24,
  RWLock: 576,
}

export interface ObjectSpec {
  readonly kind: ObjectKindName
  readonly lock: LockKindName
  /** The element's type; none for locks. */
  readonly type: AnyType | undefined
  /** In elements; in bytes where there is no type. */
  readonly length: number
}

/** The spec of what has a body. */
export function bodySpec(kind: ObjectKindName, lock: LockKindName): ObjectSpec {
  return { kind, lock, type: undefined, length: BODY_BYTES[kind] as number }
}

/** Bytes of one element: 0 for bare locks, which have no data. */
export function elementSize({ kind, type }: ObjectSpec): number {
  if (type !== undefined) return type.size
  return BODY_BYTES[kind] === undefined ? 0 : 1
}

export const isBareLock = (kind: ObjectKindName): kind is 'Lock' | 'RLock' => kind === 'Lock' || kind === 'RLock'

/** How messages call an object of this kind. */
export function describeSpec(spec: ObjectSpec): string {
  if (spec.type === undefined) return spec.kind
  const prefix = spec.lock === 'none' ? 'Raw' : ''
  return spec.kind === 'Value' ? `${prefix}Value<${spec.type.name}>` : `${prefix}Array<${spec.type.name}>(${spec.length})`
}

/** What gives the memory back: all that is known of a block once the block itself is garbage. */
interface Remains {
  segment: Segment
  block: number
  lock: number
  /** Given back already, or never to be. */
  done: boolean
  /** What else ends with it. */
  ended: (() => void) | undefined
}

/** `now`: also memory that an ArrayBuffer has. Garbage leaves that to whatever uses it still. */
function giveBack(remains: Remains, now: boolean): void {
  if (remains.done) return
  const { segment, block, lock } = remains
  regs[0] = segment.number
  regs[1] = block
  regs[2] = lock
  regs[3] = now ? 1 : 0
  native.close()
  // 1: this thread still holds the lock, and nobody can release it any more. Its bytes must stay what they are.
  if (regs[0] === 0) {
    segment.release()
    remains.ended?.()
  }
  remains.done = true
}

const garbage = new FinalizationRegistry<Remains>((remains) => giveBack(remains, false))

/** A block lives as long as anybody can reach its bytes: typed arrays over them hold their buffer, and that holds the block. */
const blockOfBuffer = new WeakMap<ArrayBuffer, Block>()

export class Block implements Memory {
  readonly #spec: ObjectSpec
  readonly segment: Segment
  readonly number: number
  readonly generation: number
  /** Of the block in its segment, in bytes. */
  readonly offset: number
  /** Of the data, in bytes. */
  readonly bytes: number
  /** Address of the lock; 0 if there is none or the block is closed. Read by the locks' hot path. */
  lockAddress: number
  /** Address of the data; 0 once closed. */
  dataAddress: number
  /** Scalars: the view and index of the value, -1 once closed. Read by the accessors' hot path. */
  view: TypedArray | undefined
  index = -1
  /** The name, for objects that have one. */
  name: string | undefined
  #buffer: ArrayBuffer | undefined
  #data: DataView<ArrayBuffer> | undefined
  #onClose: Set<() => void> | undefined
  readonly #remains: Remains

  /** Takes over what the native call that made or opened it left in regs. */
  constructor(spec: ObjectSpec) {
    const dataOffset = regs[5] as number
    const lockOffset = regs[4] as number
    this.#spec = spec
    this.number = regs[2] as number
    this.generation = regs[3] as number
    this.bytes = (regs[9] as number) * (regs[10] as number)
    this.segment = Segment.use(regs[1] as number)
    this.offset = lockOffset >= 0 ? lockOffset : dataOffset
    this.lockAddress = lockOffset < 0 ? 0 : this.segment.base + lockOffset
    this.dataAddress = this.segment.base + dataOffset
    this.#remains = { segment: this.segment, block: this.number, lock: this.lockAddress, done: false, ended: undefined }
    garbage.register(this, this.#remains)
  }

  get spec(): ObjectSpec {
    return this.#spec
  }

  /** In words: what messages call the object. */
  get what(): string {
    return `${describeSpec(this.#spec)}${this.name === undefined ? '' : ` '${this.name}'`}`
  }

  /** The data's offset in the segment. */
  get dataOffset(): number {
    return this.dataAddress - this.segment.base
  }

  get closed(): boolean {
    return this.dataAddress === 0
  }

  checkOpen(): void {
    if (this.dataAddress === 0) throw new ClosedError(this.what)
  }

  /** Makes the data readable as one scalar. */
  showAs(view: ViewName, size: number): void {
    if (this.index >= 0) return
    this.view = this.segment.view(view)
    this.index = (this.dataAddress - this.segment.base) / size
  }

  /** The data's own bytes and nothing else. */
  get buffer(): ArrayBuffer {
    this.checkOpen()
    if (this.#buffer === undefined) {
      checkLength(this.bytes, this.what)
      this.#buffer = native.view(this.segment.number, this.dataAddress, this.bytes)
      blockOfBuffer.set(this.#buffer, this)
    }
    return this.#buffer
  }

  dataView(): DataView<ArrayBuffer> {
    this.checkOpen()
    this.#data ??= new DataView(this.buffer)
    return this.#data
  }

  /** Calls `listener` when the block is closed, while its memory is still there. */
  onClose(listener: () => void): void {
    this.#onClose ??= new Set()
    this.#onClose.add(listener)
  }

  /** Calls `listener` once this object's access has ended, also if it was dropped without a close. It must not hold the block. */
  onEnd(listener: () => void): void {
    this.#remains.ended = listener
  }

  /**
   * Ends this object's access: views are detached first, then the memory may go. A second call does nothing.
   *
   * @throws ERR_DEADLOCK while this thread holds the lock: nobody could release it afterwards
   */
  close(): void {
    if (this.closed) return
    const lock = this.lockAddress
    if (lock !== 0) {
      regs[0] = lock
      native.lockLook()
      if (regs[4] === 1) throw new DeadlockError(`${this.what} can't be closed while this thread holds its lock: release it first`)
    }
    for (const listener of this.#onClose ?? []) listener()
    this.lockAddress = 0
    this.dataAddress = 0
    this.index = -1
    this.view = undefined
    this.#data = undefined
    // A buffer that was transferred is detached, and its bytes live on in another that nobody told us of: then they stay mapped.
    if (this.#buffer?.byteLength === 0 && this.bytes > 0) this.#remains.done = true
    else if (this.#buffer !== undefined) native.detach(this.#buffer)
    this.#buffer = undefined
    this.#remains.lock = 0
    giveBack(this.#remains, true)
  }
}
