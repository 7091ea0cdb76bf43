/** ShareableList: a list of a fixed length in shared memory, of mixed types, as CPython's class of that name makes and reads it. */
import { inspect } from 'node:util'
import { checkOptions, shown, wrongRange, wrongType } from '../check.js'
import { ClosedError, outOfRange } from '../errors.js'
import { registerRawKind } from '../memory/attach.js'
import { type Handle, makeRawHandle } from '../memory/handle.js'
import { checkBlockName } from '../memory/naming.js'
import { RawBlock } from '../memory/raw-block.js'
import { SHARED, type SharedObject } from '../memory/shared-object.js'
import { Indexed } from './indexed.js'
import { buildList } from './list-build.js'
import { ListItems } from './list-items.js'
import { readListLayout } from './list-layout.js'
import { type ShareableItem, type ShareableValue, sameItem } from './list-values.js'
import { type SharedMemory, sharedMemoryOver } from './shared-memory.js'

/** Options of a {@link ShareableList}. */
export interface ShareableListOptions {
  /** Of the block: see {@link SharedMemory}. */
  name?: string | undefined
}

const SHOWN = 100

function blockFor(items: unknown, options: ShareableListOptions | undefined): RawBlock {
  const { name } = checkOptions(options)
  const checked = name === undefined ? undefined : checkBlockName(name, 'options.name')
  if (items !== null && items !== undefined) return buildList(items, { name: checked })
  return checked === undefined ? buildList([], {}) : RawBlock.open(checked)
}

/**
 * A list that processes share: of ints of 64 bits, floats, booleans, strings, bytes and null. Its length never changes, nor does the room
 * that each item has: 8 bytes, of strings and bytes the next multiple of 8 above what they had at first. Items can change their type.
 *
 * A number that is an integer is stored as an int (-0 as 0), unless the item is a float already; of a Float64Array or Float32Array given as `items` all
 * become floats. An int comes back as a number where it is a safe integer, else as a bigint; bytes come back as a Buffer of their own.
 *
 * It has indices and is iterable, but is no Array: take `[...list]` for an Array's methods.
 *
 * CPython's `multiprocessing.shared_memory.ShareableList(name=...)` opens it, and this class opens CPython's. It guards nothing: lock what
 * several processes write. An int, a float or a boolean whose type stays is never torn.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EEXIST, ENOENT, EACCES, ENOSPC, ENOMEM; ERR_TYPE_MISMATCH if the block holds no list
 * @see https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.ShareableList
 */
export class ShareableList extends Indexed implements SharedObject, Iterable<ShareableItem> {
  readonly #block: RawBlock
  readonly #shm: SharedMemory
  readonly #items: ListItems
  /** -1 once closed, so that the one check of an index finds out. */
  #length: number;
  /** The same as `get` and `set`, errors too, and slower. */
  [index: number]: ShareableItem

  /**
   * @param items - what a new list holds; null opens the list called `options.name`, and without a name makes an empty one
   */
  constructor(items?: Iterable<ShareableValue> | null, options?: ShareableListOptions) {
    super()
    this.#block = items instanceof RawBlock ? items : blockFor(items, options)
    try {
      const { buffer, name } = this.#block
      this.#items = new ListItems(buffer, readListLayout(buffer, `'${name}'`), `ShareableList '${name}'`)
    } catch (error) {
      this.#block.close()
      throw error
    }
    this.#length = this.#items.layout.length
    this.#block.onClose(() => {
      this.#length = -1
    })
    this.#shm = sharedMemoryOver(this.#block)
  }

  get [SHARED](): true {
    return true
  }

  #checkOpen(): void {
    if (this.#length < 0) throw new ClosedError(`ShareableList '${this.name}'`)
  }

  /** Of an item, counted from the front. */
  #place(index: number): number {
    if (typeof index !== 'number') throw wrongType('index', 'a number', index)
    const place = index < 0 ? index + this.#length : index
    if (place >= 0 && place < this.#length && Number.isInteger(place)) return place
    this.#checkOpen()
    throw wrongRange('index', `an integer from ${-this.#length} to ${this.#length - 1}`, index)
  }

  /**
   * An item; -1 is the last one. The same as `list[index]`, and faster.
   *
   * @throws ERR_OUT_OF_RANGE, ERR_CLOSED; ERR_TYPE_MISMATCH if the item's bytes make no sense
   */
  get(index: number): ShareableItem {
    return this.#items.read(this.#place(index))
  }

  /**
   * Replaces an item. The same as `list[index] = value`, and faster.
   *
   * @throws ERR_INVALID_ARG_TYPE; ERR_OUT_OF_RANGE if the index is outside, an int has more than 64 bits, or a string or bytes need more room
   * than the item has; ERR_CLOSED; ERR_TYPE_MISMATCH if the list is damaged. Then the item is what it was. Killed in the middle of a change of type,
   * or of a string or bytes, a writer leaves null.
   */
  set(index: number, value: ShareableValue): void {
    this.#items.write(this.#place(index), value)
  }

  /** How many items there are; it never changes. @throws ERR_CLOSED */
  get length(): number {
    this.#checkOpen()
    return this.#length
  }

  /** Name of the block. Known also after `close()`. */
  get name(): string {
    return this.#block.name
  }

  /** The block that holds the list. To close it is to close the list. */
  get shm(): SharedMemory {
    return this.#shm
  }

  /** What all items are at present, in the letters of Python's `struct`: `q` int, `d` float, `xxxxxxx?` boolean, `8s` string or bytes, `xxxxxx?x` null. @throws ERR_CLOSED */
  get format(): string {
    let text = ''
    for (let i = 0; i < this.length; i++) text += this.#items.format(i)
    return text
  }

  /**
   * Where a value first occurs. Numbers and bigints are compared by value, bytes by their content.
   *
   * @throws ERR_OUT_OF_RANGE if it is not there; ERR_CLOSED; ERR_TYPE_MISMATCH if an item before it is damaged
   */
  index(value: ShareableValue): number {
    for (let i = 0; i < this.length; i++) if (sameItem(this.#items.read(i), value)) return i
    throw outOfRange(`Expected \`value\` to be in the list, got ${shown(value)}`)
  }

  /** How often a value occurs. @throws ERR_CLOSED; ERR_TYPE_MISMATCH if an item is damaged */
  count(value: ShareableValue): number {
    let found = 0
    for (let i = 0; i < this.length; i++) if (sameItem(this.#items.read(i), value)) found++
    return found
  }

  /** All items, each as it is when its turn comes. @throws ERR_CLOSED; ERR_TYPE_MISMATCH if an item is damaged */
  *[Symbol.iterator](): Generator<ShareableItem, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this.#items.read(i)
  }

  /** A handle: plain data from which `attach` makes the live object, in any process or worker thread of this machine. @throws ERR_CLOSED */
  toJSON(): Handle {
    return makeRawHandle(this.#block, 'ShareableList')
  }

  /** Ends this object's access, and that of `shm`. Can be called twice; any use but of `name` and `unlink()` throws ERR_CLOSED afterwards. */
  close(): void {
    this.#block.close()
  }

  /** Removes the name: see {@link SharedMemory.unlink}. */
  unlink(): void {
    this.#block.unlink()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** An item as an inspection shows it, which is for finding out what is wrong. */
  #shown(index: number): unknown {
    try {
      return this.#items.read(index)
    } catch {
      return { [inspect.custom]: () => '<damaged>' }
    }
  }

  [inspect.custom](): string {
    const name = `name=${inspect(this.name)}`
    if (this.#length < 0) return `ShareableList(closed, ${name})`
    const first: unknown[] = []
    for (let i = 0; i < Math.min(this.#length, SHOWN); i++) first.push(this.#shown(i))
    const text = inspect(first, { breakLength: Number.POSITIVE_INFINITY })
    return `ShareableList(${this.#length > SHOWN ? `${text.slice(0, -2)}, ... ${this.#length - SHOWN} more ]` : text}, ${name})`
  }
}

/** The object for a block that is open already. */
export function shareableListOver(block: RawBlock): ShareableList {
  return new ShareableList(block as unknown as null)
}

registerRawKind('ShareableList', shareableListOver)
