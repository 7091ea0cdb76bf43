/** Locks of all kinds, each taken the way its makers recommend: for the questions what one costs alone, and under contention. */
import { randomUUID } from 'node:crypto'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { attach, type Handle, Lock } from '../lib/index.js'
import { loadPeer } from './peers.js'
import { PATIENCE_MS } from './processes.js'
import { connectRedis, startRedis } from './redis.js'
import { newFolder, openStore } from './store.js'

/** Runs `work` under the lock of this number. */
export type Hold = (which: number, work: () => void) => void
export type HoldAsync = (which: number, work: () => void) => Promise<void>

interface Opened {
  readonly hold?: Hold
  readonly holdAsync?: HoldAsync
  close?(): void
}

/** A kind of lock. */
export interface Kind {
  /** In the process that starts the others: makes so many, and says in plain data where to find them. */
  make(count: number): unknown
  /** Once in each of the processes. */
  open(place: unknown): Opened | Promise<Opened>
}

const kind = <Place>(own: { make(count: number): Place | Promise<Place>; open(place: Place): Opened | Promise<Opened> }) => own as Kind

/** The textbook's mutex of three states: free, held, and held with somebody waiting. */
export const ATOMICS = { FREE: 0, HELD: 1, AWAITED: 2, STRIDE: 16 }

export function takeAtomics(words: Int32Array, at: number): void {
  if (Atomics.compareExchange(words, at, ATOMICS.FREE, ATOMICS.HELD) === ATOMICS.FREE) return
  while (Atomics.exchange(words, at, ATOMICS.AWAITED) !== ATOMICS.FREE) Atomics.wait(words, at, ATOMICS.AWAITED)
}

export function letAtomicsGo(words: Int32Array, at: number): void {
  if (Atomics.exchange(words, at, ATOMICS.FREE) === ATOMICS.AWAITED) Atomics.notify(words, at, 1)
}

// Only who has set the key may remove it: https://redis.io/docs/latest/commands/set/
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

async function openRedis(port: number): Promise<Opened> {
  const client = await connectRedis(port)
  const release = await client.scriptLoad(RELEASE)
  const options = { condition: 'NX', expiration: { type: 'PX', value: PATIENCE_MS } } as const
  return {
    async holdAsync(which, work) {
      const key = `lock:${which}`
      const token = randomUUID()
      while ((await client.set(key, token, options)) === null) await setTimeout(1 + 2 * Math.random())
      work()
      await client.evalSha(release, { keys: [key], arguments: [token] })
    },
    close: () => client.destroy(),
  }
}

let kept: readonly Lock[]

function makeOurs(count: number): Handle[] {
  kept = Array.from({ length: count }, () => Lock())
  return kept.map((each) => each.toJSON())
}

const attachAll = (handles: Handle[]) => handles.map((each) => attach<Lock>(each))

export const kinds = {
  ours: kind({
    make: makeOurs,
    open(handles) {
      const locks = attachAll(handles)
      return {
        hold(which, work) {
          const lock = locks[which] as Lock
          lock.acquire()
          work()
          lock.release()
        },
      }
    },
  }),
  oursAsync: kind({
    make: makeOurs,
    open(handles) {
      const locks = attachAll(handles)
      return {
        async holdAsync(which, work) {
          const lock = locks[which] as Lock
          await lock.acquireAsync()
          work()
          lock.release()
        },
      }
    },
  }),
  atomics: kind({
    make: (count) => new SharedArrayBuffer(4 * ATOMICS.STRIDE * count),
    open(buffer) {
      const words = new Int32Array(buffer)
      return {
        hold(which, work) {
          takeAtomics(words, ATOMICS.STRIDE * which)
          work()
          letAtomicsGo(words, ATOMICS.STRIDE * which)
        },
      }
    },
  }),
  osLock: kind({
    make: () => join(newFolder(), 'file'),
    open(path) {
      interface Package {
        lock(fd: number, start: number, length: number, options: { exclusive: boolean }): Promise<void>
        unlock(fd: number, start: number, length: number): Promise<void>
      }
      const { lock, unlock } = loadPeer<Package>('os-lock')
      const fd = openSync(path, 'a+')
      return {
        async holdAsync(which, work) {
          await lock(fd, which, 1, { exclusive: true })
          work()
          await unlock(fd, which, 1)
        },
      }
    },
  }),
  properLockfile: kind({
    make(count) {
      const folder = newFolder()
      for (let i = 0; i < count; i++) writeFileSync(join(folder, `${i}`), '')
      return folder
    },
    open(folder) {
      type Package = { lock(file: string, options: object): Promise<() => Promise<void>> }
      const { lock } = loadPeer<Package>('proper-lockfile')
      // Its own first retry comes after a second.
      const retries = { forever: true, factor: 1, minTimeout: 1, maxTimeout: 3, randomize: true }
      return {
        async holdAsync(which, work) {
          const release = await lock(join(folder, `${which}`), { retries })
          work()
          await release()
        },
      }
    },
  }),
  lmdb: kind({
    make: newFolder,
    open(path) {
      const store = openStore(path)
      return { hold: (_, work) => store.transactionSync(work) }
    },
  }),
  redis: kind({ make: startRedis, open: openRedis }),
} satisfies Record<string, Kind>

export type KindName = keyof typeof kinds
