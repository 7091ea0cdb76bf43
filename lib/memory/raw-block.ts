/** Raw blocks: bytes in /dev/shm without a header, as CPython's SharedMemory makes them, mapped into this process. */
import { ClosedError } from '../errors.js'
import { native, regs } from '../native.js'
import { namesError } from './naming.js'
import { systemCall, unlinkAs } from './system-error.js'

export interface RawBlockOptions {
  /** A user's, checked. Without one the block gets a name of the form that CPython gives, and is removed when nobody uses it any more. */
  name?: string | undefined
  /** Writes the first contents, before anybody can see the block. */
  fill?: ((bytes: Uint8Array) => void) | undefined
  /** Told of the block before it has its name: what it notes is known of whatever a kill leaves behind. */
  beforeLink?: ((name: string, inode: number, device: number) => void) | undefined
}

interface Remains {
  readonly number: number
  /** Given back already, or never to be. */
  done: boolean
}

const TEND_MS = 1000
let tending: NodeJS.Timeout | undefined

/**
 * This process keeps the auto-named blocks that it made until they are unlinked, also when it has closed them: whoever learns such a name may
 * come later. When another process unlinks one, nothing tells us; so as long as there are any we look, and free the memory.
 */
function tendLeases(count: number): void {
  if (count > 0 && tending === undefined) {
    tending = setInterval(() => {
      native.rawTendLeases()
      tendLeases(regs[0] as number)
    }, TEND_MS)
    tending.unref()
  } else if (count === 0) {
    clearInterval(tending)
    tending = undefined
  }
}

function giveBack(remains: Remains): void {
  if (remains.done) return
  remains.done = true
  regs[0] = remains.number
  native.rawClose()
  tendLeases(regs[0] as number)
}

const garbage = new FinalizationRegistry<Remains>(giveBack)

/** A block lives as long as anybody can reach its bytes: typed arrays over them hold their buffer, and that holds the block. */
const blockOfBuffer = new WeakMap<ArrayBuffer, RawBlock>()

export class RawBlock {
  /** In bytes. */
  readonly size: number
  readonly fd: number
  readonly inode: number
  readonly device: number
  readonly #number: number
  readonly #address: number
  readonly #remains: Remains
  #name: string
  #buffer: ArrayBuffer | undefined
  #closed = false
  #onClose: Set<() => void> | undefined

  /** Takes over what the native call that made or opened it left in regs. */
  private constructor(name: string) {
    this.#name = name
    this.#number = regs[0] as number
    this.#address = regs[1] as number
    this.size = regs[2] as number
    this.fd = regs[3] as number
    this.inode = regs[4] as number
    this.device = regs[5] as number
    this.#remains = { number: this.#number, done: false }
    garbage.register(this, this.#remains)
  }

  /**
   * A new block, all its memory reserved.
   *
   * @throws EEXIST, ENOSPC, ENOMEM; then nothing is left of it
   */
  static create(size: number, { name, fill, beforeLink }: RawBlockOptions = {}): RawBlock {
    systemCall(() => native.rawCreate(size))
    const block = new RawBlock(name ?? '')
    try {
      fill?.(new Uint8Array(block.buffer))
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
    return new RawBlock(name)
  }

  /** The block behind a descriptor of a process; `pid` 0 stands for this one. */
  static openDescriptor(pid: number, fd: number, inode: number, name: string): RawBlock {
    systemCall(() => native.rawOpenHandle(pid, fd, inode))
    return new RawBlock(name)
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

  /** 16 hex digits that tell it from every other block that there is. */
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
      this.#buffer = native.view(this.#address, this.size)
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
    // A buffer that was transferred is detached, and its bytes live on in another that nobody told us of: then they stay mapped.
    if (this.#buffer?.byteLength === 0) this.#remains.done = true
    else if (this.#buffer !== undefined) native.detach(this.#buffer)
    this.#buffer = undefined
    giveBack(this.#remains)
  }

  /**
   * Removes the name, open or closed.
   *
   * @throws ENOENT if it is gone, or leads to another block by now
   */
  unlink(): void {
    unlinkAs(this.#name, () => native.rawUnlink(this.#name, this.inode, this.device))
  }

  /** Keeps it from being unmapped, whoever closes it here, until the function given back is called. */
  keep(): () => void {
    regs[0] = this.#number
    native.rawKeep()
    let kept = true
    return () => {
      if (!kept) return
      kept = false
      regs[0] = this.#number
      native.rawLetGo()
    }
  }
}
