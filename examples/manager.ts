/**
 * SharedMemoryManager: a process of its own that removes the blocks made through it, whatever happens to those who use them. Answers the examples
 * of SharedMemoryManager of reference 3 and 4, and "Automatic Cleanup" of reference 2.
 */
import assert from 'node:assert/strict'
import { isMainProcess, Lock, Process, type ShareableList, SharedMemory, SharedMemoryManager } from 'sharedctypes'

const TIMES = 10_000
const attachTo = (name: string) => new SharedMemory({ name }).close()
const assertGone = (name: string) => assert.throws(() => attachTo(name), { code: 'ENOENT' })

async function basics(): Promise<void> {
  const manager = new SharedMemoryManager()
  await manager.start()
  const list = manager.ShareableList([0, 1, 2, 3])
  const raw = manager.SharedMemory(128)
  const another = manager.ShareableList('alpha')
  console.log(list, raw, another)
  assert.deepEqual([[...list], raw.size, [...another]], [[0, 1, 2, 3], 128, ['a', 'l', 'p', 'h', 'a']])
  const names = [list.name, raw.name, another.name]
  names.forEach(attachTo)
  await manager.shutdown() // unlinks all three
  names.forEach(assertGone)
}

const isPrime = (n: number) => {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false
  return n > 1
}

/** The primes of each thousand from `start` to `end`. No lock: each process has a part of its own. */
export function countPrimes(list: ShareableList, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    let primes = 0
    for (let n = i * 1000; n < (i + 1) * 1000; n++) if (isPrime(n)) primes++
    list[i] = primes
  }
}

async function partialResults(): Promise<void> {
  let name = ''
  {
    await using manager = await new SharedMemoryManager().start()
    const list = manager.ShareableList(Array(2000).keys())
    name = list.name
    const p1 = new Process(countPrimes, [list, 0, 1000]).start()
    const p2 = new Process(countPrimes, [list, 1000, 2000]).start()
    await p1.join()
    await p2.join()
    const total = [...list].reduce((sum: number, each) => sum + (each as number), 0)
    console.log(`${list.length} partial results of two processes: ${total.toLocaleString('en')} primes below 2,000,000`)
    assert.equal(total, 148_933)
  }
  assertGone(name)
}

export function update(list: ShareableList, lock: Lock): void {
  for (let i = 0; i < TIMES; i++) {
    using _ = lock.hold()
    list[0] = (list[0] as number) + 1
  }
}

async function counter(): Promise<void> {
  await using manager = await new SharedMemoryManager().start()
  const lock = Lock()
  const list = manager.ShareableList([1])
  const processes = [1, 2].map(() => new Process(update, [list, lock]).start())
  for (const each of processes) await each.join()
  console.log('counter, from 1, by two processes:', list[0])
  assert.equal(list[0], 1 + 2 * TIMES)
}

export function crash(shm: SharedMemory): void {
  shm.buf.write('last words')
  process.kill(process.pid, 'SIGKILL')
}

async function afterCrash(): Promise<void> {
  let name = ''
  {
    await using manager = await new SharedMemoryManager().start()
    const shm = manager.SharedMemory(1024)
    name = shm.name
    const child = new Process(crash, [shm]).start()
    await child.join()
    assert.equal(child.exitcode, -9)
    assert.equal(shm.buf.toString('latin1', 0, 10), 'last words')
  }
  assertGone(name)
  console.log("a child's crash takes nothing away, the end of the block removes all")
}

if (isMainProcess) {
  await basics()
  await partialResults()
  await counter()
  await afterCrash()
}
