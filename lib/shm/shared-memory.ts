/** SharedMemory: a block of bytes under a name, as CPython's class of that name makes and opens it. */
import { inspect } from 'node:util'
import { checkOptions, shown, wrongRange, wrongType } from '../check.js'
import { invalidType } from '../errors.js'
import { registerRawKind } from '../memory/attach.js'
import { type Handle, makeRawHandle } from '../memory/handle.js'
import { checkBlockName } from '../memory/naming.js'
import { RawBlock } from '../memory/raw-block.js'
import { SHARED, type SharedObject } from '../memory/shared-object.js'

/** Options of a {@link SharedMemory}. */
export interface SharedMemoryOptions {
  /** 1 to 255 bytes without `/` and NUL; a leading `/` is ignored. Without one, `create` makes up `psm_` and 8 hex digits. */
  name?: string | undefined
  /** true: makes a new block (EEXIST where the name is taken). false, the default: opens the one of that name (ENOENT). */
  create?: boolean | undefined
  /** Bytes of a new block; ignored otherwise. */
  size?: number | undefined
}

/** Bytes that a block may have. */
export function checkSize(size: unknown, least: number, what: string): number {
  if (typeof size !== 'number') throw wrongType(what, 'a number of bytes', size)
  if (!Number.isSafeInteger(size) || size < least) throw wrongRange(what, `an integer number of bytes >= ${least}`, size)
  return size
}

function blockFor(options: SharedMemoryOptions | undefined): RawBlock {
  const { name, create = false, size } = checkOptions(options)
  if (typeof create !== 'boolean') throw wrongType('options.create', 'a boolean', create)
  if (size !== undefined) checkSize(size, create ? 1 : 0, 'options.size')
  else if (create) throw wrongRange('options.size', 'given with `create`: a number of bytes >= 1', size)
  if (name !== undefined) {
    const checked = checkBlockName(name, 'options.name')
    return create ? RawBlock.create(size as number, { name: checked }) : RawBlock.open(checked)
  }
  if (!create) throw invalidType(`Expected \`options.name\` to be given, or \`options.create\` to be true, got ${shown(options)}`)
  return RawBlock.create(size as number)
}

/**
 * A block of shared memory. Any process of the same user reaches it by its name, CPython's
 * `multiprocessing.shared_memory.SharedMemory(name=...)` included, and it stays until `unlink()`. One whose name was made up here is removed
 * with one of the next blocks that are made when the process that made it has ended and nobody else has it open.
 *
 * All its memory is reserved when it is made. It guards nothing: lock what several processes write. A process that is killed leaves what it has
 * written so far.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EEXIST, ENOENT, EACCES; ENOSPC if /dev/shm is full, ENOMEM if the machine is;
 * ERR_TYPE_MISMATCH for what is empty or no regular file
 * @see https://docs.python.org/3/library/multiprocessing.shared_memory.html
 */
export class SharedMemory implements SharedObject {
  readonly #block: RawBlock
  #buf: Buffer<ArrayBuffer> | undefined

  constructor(options?: SharedMemoryOptions) {
    this.#block = options instanceof RawBlock ? options : blockFor(options)
  }

  get [SHARED](): true {
    return true
  }

  /** Without a leading `/`. Known also after `close()`. */
  get name(): string {
    return this.#block.name
  }

  /** In bytes. Known also after `close()`. */
  get size(): number {
    return this.#block.size
  }

  /** All its bytes, for typed arrays: `new Float64Array(shm.buffer)`. Detached by `close()`. @throws ERR_CLOSED */
  get buffer(): ArrayBuffer {
    return this.#block.buffer
  }

  /** The same bytes as a Buffer. @throws ERR_CLOSED */
  get buf(): Buffer<ArrayBuffer> {
    const { buffer } = this.#block
    this.#buf ??= Buffer.from(buffer)
    return this.#buf
  }

  /** A handle: plain data from which `attach` makes the live object, in any process or worker thread of this machine. @throws ERR_CLOSED */
  toJSON(): Handle {
    return makeRawHandle(this.#block, 'SharedMemory')
  }

  /**
   * Ends this object's access: all views are detached, and `buf` and `buffer` throw ERR_CLOSED. The block stays, for others and under its name.
   * Can be called twice.
   */
  close(): void {
    this.#buf = undefined
    this.#block.close()
  }

  /**
   * Removes the name, before or after `close()`. Those who have the block open keep it; its memory is freed with the last of them.
   *
   * @throws ENOENT if the name is gone, or leads to another block by now; EPERM if it is another user's
   */
  unlink(): void {
    this.#block.unlink()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [inspect.custom](): string {
    return `SharedMemory(${inspect(this.name)}, size=${this.size}${this.#block.closed ? ', closed' : ''})`
  }
}

/** The object for a block that is open already. */
export function sharedMemoryOver(block: RawBlock): SharedMemory {
  return new SharedMemory(block as unknown as SharedMemoryOptions)
}

registerRawKind('SharedMemory', sharedMemoryOver)
