/** Raw blocks: bytes in /dev/shm without a header, as CPython's SharedMemory makes them, mapped into this process. */
import { constants } from 'node:buffer'
import { ClosedError } from '../errors.js'
import { native, regs } from '../native.js'
import { checkLength } from './length.js'
import { namesError } from './naming.js'
import { systemCall, unlinkAs } from './system-error.js'

export interface RawBlockOptions {
  /** A user's, checked. Without one the block gets a name of the form that CPython gives, and is removed some time after nobody uses it any more. */
  name?: string | undefined
  /** Writes the first contents, before anybody can see the block. */
  fill?: ((buffer: ArrayBuffer) => void) | undefined
  /** Told of the block before it has its name: what it notes is known of whatever a kill leaves behind. */
  beforeLink?: ((name: string, inode: number, device: number) => void) | undefined
}

interface Remains {
  readonly number: number
  /** Given back already, or never to be. */
  done: boolean
}

/** `now`: also memory that an ArrayBuffer has. Garbage leaves that to whatever uses it still. */
function giveBack(remains: Remains, now: boolean): void {
  if (remains.done) return
  remains.done = true
  regs[0] = remains.number
  regs[1] = now ? 1 : 0
  native.rawClose()
}

const garbage = new FinalizationRegistry<Remains>((remains) => giveBack(remains, false))

/** A block lives as long as anybody can reach its bytes: typed arrays over them hold their buffer, and that holds the block. */
const blockOfBuffer = new WeakMap<ArrayBuffer, RawBlock>()

function usable(block: RawBlock): RawBlock {
  try {
    checkLength(block.size, `'${block.name}'`)
    return block
  } catch (error) {
    block.close()
    throw error
  }
}

export class RawBlock {
  /** In bytes. */
  readonly size: number
  readonly fd: number
  readonly inode: number
  readonly device: number
  readonly #number: number
  readonly #remains: Remains
  #name: string
  #buffer: ArrayBuffer | undefined
  #closed = false
  #onClose: Set<() => void> | undefined

  /** Takes over what the native call that made or opened it left in regs. */
  private constructor(name: string) {
    this.#name = name
    this.#number = regs[0] as number
    this.size = regs[1] as number
    this.fd = regs[2] as number
    this.inode = regs[3] as number
    this.device = regs[4] as number
    this.#remains = { number: this.#number, done: false }
    garbage.register(this, this.#remains)
  }

  /**
   * A new block, all its memory reserved.
   *
   * @throws EEXIST, ENOSPC, ENOMEM; then nothing is left of it
   */
  static create(size: number, { name, fill, beforeLink }: RawBlockOptions = {}): RawBlock {
    if (size > constants.MAX_LENGTH) systemCall(() => native.rawCheckRoom(size)) // that there is not enough memory comes first
    checkLength(size, 'a block')
    systemCall(() => native.rawCreate(size))
    const block = new RawBlock(name ?? '')
    try {
      fill?.(block.buffer)
      if (name !== undefined) block.#publish(beforeLink)
      else block.#publishNameless(beforeLink)
      return block
    } catch (error) {
      block.close()
      throw error
    }
  }

  /**
   * @throws ENOENT, EACCES; ENOSPC if whoever made it reserved no memory and there is none; ERR_TYPE_MISMATCH if it is empty or no regular file
   */
  static open(name: string): RawBlock {
    systemCall(() => native.rawOpen(name))
    return usable(new RawBlock(name))
  }

  /** The block behind a descriptor of a process; `pid` 0 stands for this one. */
  static openDescriptor(pid: number, fd: number, inode: number, name: string): RawBlock {
    systemCall(() => native.rawOpenHandle(pid, fd, inode))
    return usable(new RawBlock(name))
  }

  #publish(beforeLink: RawBlockOptions['beforeLink']): void {
    beforeLink?.(this.#name, this.inode, this.device)
    systemCall(() => native.rawPublish(this.#number, this.#name))
  }

  /** Under a name of our choice: the first that is not taken. */
  #publishNameless(beforeLink: RawBlockOptions['beforeLink']): void {
    for (let attempt = 0; ; attempt++) {
      const name = native.rawName(this.#number, attempt)
      this.#name = name ?? this.#name
      try {
        this.#publish(beforeLink)
        return
      } catch (error) {
        if (name === undefined || !namesError(error, 'EEXIST')) throw error
      }
    }
  }

  get name(): string {
    return this.#name
  }

  /** 16 hex digits that tell it from every other block of this machine that exists now. */
  get id(): string {
    return BigInt.asUintN(64, (BigInt(this.device) << 44n) ^ BigInt(this.inode))
      .toString(16)
      .padStart(16, '0')
  }

  get closed(): boolean {
    return this.#closed
  }

  checkOpen(): void {
    if (this.#closed) throw new ClosedError(`SharedMemory '${this.#name}'`)
  }

  /** All of its bytes. */
  get buffer(): ArrayBuffer {
    this.checkOpen()
    if (this.#buffer === undefined) {
      this.#buffer = native.rawView(this.#number)
      blockOfBuffer.set(this.#buffer, this)
    }
    return this.#buffer
  }

  /** Calls `listener` when the block is closed. */
  onClose(listener: () => void): void {
    this.#onClose ??= new Set()
    this.#onClose.add(listener)
  }

  /** Ends this object's access: views are detached first, then the memory may go. A second call does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const listener of this.#onClose ?? []) listener()
    // A buffer that was transferred is detached, and its bytes live on in another that nobody told us of: that one keeps its memory.
    const transferred = this.#buffer?.byteLength === 0
    if (this.#buffer !== undefined && !transferred) native.detach(this.#buffer)
    this.#buffer = undefined
    giveBack(this.#remains, !transferred)
  }

  /**
   * Removes the name, open or closed.
   *
   * @throws ENOENT if it is gone, or leads to another block by now
   */
  unlink(): void {
    unlinkAs(this.#name, () => native.rawUnlink(this.#name, this.inode, this.device))
  }

  /** Keeps it from being unmapped, whoever closes it here. The function given back lets it go, and is to be called once. */
  keep(): () => void {
    this.checkOpen()
    regs[0] = this.#number
    native.rawKeep()
    return () => {
      regs[0] = this.#number
      native.rawLetGo()
    }
  }
}
