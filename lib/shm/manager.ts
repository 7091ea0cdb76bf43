/** SharedMemoryManager: shared memory that lives as long as the manager, however the process that made it ends. */
import { inspect } from 'node:util'
import { ClosedError, SharedCTypesError } from '../errors.js'
import { RawBlock, type RawBlockOptions } from '../memory/raw-block.js'
import { buildList } from './list-build.js'
import type { ShareableValue } from './list-values.js'
import { ManagerProcess } from './manager-process.js'
import { type ShareableList, shareableListOver } from './shareable-list.js'
import { checkSize, type SharedMemory, sharedMemoryOver } from './shared-memory.js'

/**
 * Makes blocks whose names are removed when it is shut down, and when the process (or worker thread) that started it ends: by itself, by an
 * exception, by `process.exit()`, by SIGKILL. A small process of its own sees to that. How processes end that only attached to a block
 * does not matter. If the manager's own process is killed, it makes no more blocks; those that there are go at `shutdown()` or when this process exits.
 *
 * @see https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.managers.SharedMemoryManager
 * @example
 * await using manager = await new SharedMemoryManager().start()
 * const list = manager.ShareableList([1, 2.5, 'three'])
 */
export class SharedMemoryManager {
  #starting: Promise<ManagerProcess> | undefined
  #process: ManagerProcess | undefined
  #shutDown = false

  /**
   * Starts the manager's process, which takes about a millisecond.
   *
   * @returns (resolves to) this manager
   * @throws (rejects with) ERR_INVALID_STATE if it was started before; ERR_CLOSED after `shutdown()`; the system's error (`EMFILE`, `EAGAIN`, `ENOMEM`) if
   * there is no process or no descriptor to be had, and then it can be tried again
   */
  async start(): Promise<this> {
    if (this.#shutDown) throw this.#closed()
    if (this.#starting !== undefined) throw new SharedCTypesError('ERR_INVALID_STATE', 'SharedMemoryManager was started already')
    this.#starting = ManagerProcess.start()
    try {
      this.#process = await this.#starting
    } catch (error) {
      this.#starting = undefined
      throw error
    }
    return this
  }

  /** The id of the manager's process; undefined before it has started and after `shutdown()`. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  #closed(): ClosedError {
    return new ClosedError('SharedMemoryManager', this.#shutDown ? 'it was shut down' : 'it was not started yet, await start() first')
  }

  /** For a new block, which gets its name when the manager's process knows of it. */
  #managed(): RawBlockOptions {
    const process = this.#process
    if (process === undefined || this.#shutDown) throw this.#closed()
    return { beforeLink: (name, inode, device) => process.record(name, inode, device) }
  }

  /**
   * A new block of shared memory.
   *
   * @param size - in bytes
   * @throws as `new SharedMemory`; ERR_CLOSED before `start()`, after `shutdown()`, and if the manager's process was killed
   */
  SharedMemory(size: number): SharedMemory {
    const options = this.#managed()
    return sharedMemoryOver(RawBlock.create(checkSize(size, 1, 'size'), options))
  }

  /**
   * A new list in shared memory.
   *
   * @param items - what it holds; see {@link ShareableList}
   * @throws as `new ShareableList`; ERR_CLOSED as for `SharedMemory()`
   */
  ShareableList(items: Iterable<ShareableValue>): ShareableList {
    return shareableListOver(buildList(items, this.#managed()))
  }

  /**
   * Removes the names of all blocks and ends the manager's process. Blocks that are open stay usable where they are open, here too.
   * Can be called twice, and while `start()` is under way, which it lets finish first.
   */
  async shutdown(): Promise<void> {
    this.#shutDown = true
    // A start that failed has left nothing; whoever called it hears of it.
    const started = await this.#starting?.catch(() => undefined)
    started?.end()
    this.#process = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  [inspect.custom](): string {
    const state = this.#shutDown ? 'shut down' : this.pid === undefined ? 'not started' : `pid ${this.pid}`
    return `SharedMemoryManager (${state})`
  }
}
