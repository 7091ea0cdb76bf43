/** Processes that run programs, each with a /dev/shm and process numbers of its own where that is permitted: when it ends nothing is left of it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Order, Outcome } from './lane.js'

const PROGRAM = fileURLToPath(new URL('./lane.js', import.meta.url))
const ALONE = ['-mpf', '--kill-child', '--mount-proc']
/** As root, or as root of a user namespace of our own. */
const WAYS = [ALONE, ['-Ur', ...ALONE]]
const MOUNT = 'mount -t tmpfs -o size=512m tmpfs /dev/shm || exit 1; "$@"; exit $?'
/** A program that takes longer than this has stopped the laboratory itself. */
const LONGEST_MS = 240_000
const LAST_WORDS_MS = 5000

const apart = (flags: readonly string[], rest: readonly string[]) => ['unshare', ...flags, 'sh', '-c', MOUNT, 'sh', ...rest]

let way: readonly string[] | null | undefined

function permitted(): readonly string[] | null {
  way ??= WAYS.find((flags) => spawnSync('unshare', apart(flags, ['true']).slice(1)).status === 0) ?? null
  return way
}

/** How many at a time: where they share /dev/shm, one would take another's blocks for leaks. */
export function mostLanes(): number {
  return permitted() === null ? 1 : availableParallelism()
}

function command(program: readonly string[]): string[] {
  const flags = permitted()
  return flags === null ? [...program] : apart(flags, program)
}

export class Lane {
  #child: ChildProcess | undefined

  async #start(): Promise<ChildProcess> {
    const [file = '', ...rest] = command([process.execPath, '--no-warnings', PROGRAM])
    const child = spawn(file, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`a lane of the laboratory does not start: ${code ?? signal}`)
    })
    await Promise.race([once(child, 'message'), ended])
    ended.catch(() => {}) // that is heard of in run()
    return child
  }

  /** A lane that ends while it runs a program is a finding like others; the next program gets a new one. */
  async run(order: Order): Promise<Outcome> {
    this.#child ??= await this.#start()
    const child = this.#child
    const late = AbortSignal.timeout(LONGEST_MS)
    const over = new AbortController()
    const { signal } = over
    const answer = once(child, 'message', { signal }).then(([outcome]) => outcome as Outcome)
    const ended = once(child, 'exit', { signal }).then(([code, by]) => lost('broken rule', `ended by itself: ${code ?? by}`))
    const stuck = once(late, 'abort', { signal }).then(() => lost('hang', `is not done after ${LONGEST_MS} ms`))
    child.send(order)
    try {
      const outcome = await Promise.race([answer, ended, stuck])
      if (outcome.finding !== undefined) await this.end() // whatever that left
      return outcome
    } finally {
      over.abort()
      await Promise.allSettled([answer, ended, stuck])
    }
  }

  async end(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    // Who does not end by itself is killed, and with it all that are in its namespace.
    const late = setTimeout(() => child.kill('SIGKILL'), LAST_WORDS_MS)
    if (child.connected) child.disconnect()
    await ended
    clearTimeout(late)
  }
}

function lost(fault: 'hang' | 'broken rule', what: string): Outcome {
  return { struck: [], others: {}, finding: { fault, message: `the process of the laboratory that uses the objects too ${what}` } }
}
