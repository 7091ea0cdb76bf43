/** ShareableList: items change under a lock. A writer that is killed leaves the old item, the new one, or null; never part of one. */
import { Lock, ShareableList } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { Column } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'

const ITEMS = 6
/** Written without the lock: both halves are the same. */
const FREE = ITEMS
const MOST_TEXT = 24
/** Letters of several bytes too. */
const LETTERS = ['a', 'é', '€']

function itemFor(n: number): number | string | boolean | null {
  if (n % 4 === 0) return n
  if (n % 4 === 1) return n % 8 === 1
  return (LETTERS[n % LETTERS.length] as string).repeat(1 + (n % (MOST_TEXT / 3)))
}

const freeItem = (n: number): bigint => (BigInt(n) << 32n) | BigInt(n)
const isFreeItem = (item: unknown): boolean => {
  const bits = BigInt(item as number | bigint)
  return bits >> 32n === (bits & 0xffffffffn)
}

function isWhole(item: unknown): boolean {
  if (typeof item !== 'string') return item === null || typeof item === 'number' || typeof item === 'boolean'
  return item === (item[0] ?? '').repeat(item.length)
}

function check(list: ShareableList, fail: (message: string) => never): void {
  for (let i = 0; i < ITEMS; i++) if (!isWhole(list.get(i))) fail(`item ${i} is ${JSON.stringify(list.get(i))}`)
}

function play(bench: Bench): Play {
  const name = bench.freshName()
  const list = new ShareableList([...Array.from({ length: ITEMS }, () => 'a'.repeat(MOST_TEXT)), freeItem(0)], { name })
  const lock = Lock()
  const fail = (message: string): never => {
    throw new Finding('broken rule', message)
  }
  async function look(): Promise<void> {
    if (!(await lock.acquireAsync({ timeout: bench.patience.ms }))) throw new Finding('hang', 'the next taker does not get the lock')
    check(list, fail)
    for (let i = 0; i < ITEMS; i++) {
      const item = itemFor(bench.board.sum(Column.progress) + i)
      list.set(i, item)
      if (list.get(i) !== item) throw new Finding('lost update', `item ${i} is ${list.get(i)} after ${item} was written`)
    }
    lock.release()
  }
  return {
    handles: { name, lock: lock.toJSON() },
    verify: async () => {
      await look()
      await bench.goOn(bench.members)
    },
    finish: look,
    close: () => {
      list.unlink()
      list.close()
      lock.close()
    },
    stale: [lock.toJSON()],
  }
}

function join({ slot, given, open, phase, limit }: Desk): Record<string, Operation> {
  const list = new ShareableList(null, { name: given('name') as string })
  const lock = open<Lock>('lock')
  const fail = (message: string): never => {
    throw new Error(message)
  }
  let done = 0

  async function locked(step: Step, call: () => void): Promise<void> {
    phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
    const timeout = limit(step)
    if (!(step.how === 'sync' ? lock.acquire(timeout) : await lock.acquireAsync({ timeout }))) return
    phase(Phase.inside)
    call()
    lock.release()
  }
  return {
    write: (step) =>
      locked(step, () => {
        for (let i = 0; i < step.n; i++) {
          const item = itemFor(slot + ++done)
          const at = (done + i) % ITEMS
          list.set(at, item)
          if (list.get(at) !== item) fail(`item ${at} is not what was written`)
        }
        spend(step.work)
      }),
    read: (step) => locked(step, () => check(list, fail)),
    writeFree: ({ n }) => {
      phase(Phase.inside)
      for (let i = 0; i < n * 10; i++) list.set(FREE, freeItem(++done))
    },
    readFree: ({ n }) => {
      phase(Phase.inside)
      for (let i = 0; i < n * 10; i++) if (!isFreeItem(list.get(FREE))) fail(`a torn integer: ${list.get(FREE)}`)
    },
  }
}

const phases = (inside: string) => ['elsewhere', 'takes the lock', 'takes the lock, asynchronously', inside]

export const list: Subject = {
  roles: {
    writer: { operations: ['write', 'write', 'writeFree'], functions: ['unlock', 'after_lock', 'LockWait'], phases: phases('writes') },
    reader: { operations: ['read', 'readFree'], functions: ['unlock', 'after_lock', 'LockWait'], phases: phases('reads') },
  },
  least: ['writer', 'reader'],
  most: 4,
  variants: [''],
  open: play,
  join,
}
