/** The helper process of a SharedMemoryManager: a small executable that outlives this process by as long as it takes to remove its blocks. */
import { once } from 'node:events'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { ClosedError } from '../errors.js'
import { native, nativeFolder } from '../native.js'

const program = join(nativeFolder, 'sharedctypes-manager')

const running = new Set<ManagerProcess>()

/**
 * When this process (or worker thread) exits in any way that JavaScript hears of, the blocks are gone before it is. The helper would remove them too,
 * but only a moment later.
 */
function endAll(): void {
  for (const each of running) each.end()
}

/** Resolves when the helper says that it is ready. Keeps the process alive until then, and not any more afterwards. */
async function ready(socket: Socket): Promise<void> {
  const ended = once(socket, 'close').then(() => {
    throw new ClosedError('SharedMemoryManager', 'its process was killed while it started')
  })
  ended.catch(() => {}) // the socket closes in any case, sooner or later
  await Promise.race([once(socket, 'data'), ended])
  socket.unref()
}

export class ManagerProcess {
  readonly pid: number
  readonly #manager: object
  readonly #socket: Socket

  private constructor() {
    const { manager, pid, socket } = native.startManager(program)
    this.pid = pid
    this.#manager = manager
    this.#socket = new Socket({ fd: socket })
    this.#socket.on('error', () => {}) // a helper that was killed; noticed when it is needed
    if (running.size === 0) process.on('exit', endAll)
    running.add(this)
  }

  /** @throws (rejects with) the system's error if there is no process or no descriptor to be had; ERR_CLOSED if it is killed at once */
  static async start(): Promise<ManagerProcess> {
    const started = new ManagerProcess()
    try {
      await ready(started.#socket)
    } catch (error) {
      started.end()
      throw error
    }
    return started
  }

  /**
   * Notes a block that is about to get its name.
   *
   * @throws ERR_CLOSED if the helper was killed: it could not remove the block
   */
  record(name: string, inode: number, device: number): void {
    if (!running.has(this)) throw new ClosedError('SharedMemoryManager', 'this process exits')
    if (!native.recordManaged(this.#manager, name, inode, device)) {
      throw new ClosedError('SharedMemoryManager', `its process (pid ${this.pid}) was killed`)
    }
  }

  /** Removes the names of all blocks and ends the helper. Can be called twice. */
  end(): void {
    if (!running.delete(this)) return
    if (running.size === 0) process.off('exit', endAll)
    native.endManager(this.#manager)
    this.#socket.destroy()
  }
}
