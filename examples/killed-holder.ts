/**
 * A process killed while it holds a lock: the next taker has it at once, knows of the death, and mends the data. Answers what Python's locks
 * leave open: there, everybody waits for ever.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import * as mp from 'sharedctypes'

type Accounts = mp.Array<'c_int', mp.Lock>
const TOTAL = 100

export function transferHalf(accounts: Accounts): never {
  accounts.acquire()
  accounts[0] = TOTAL - 40
  for (;;);
}

/** Kills a process half-way through its transfer, while we wait for the lock, and gives the ms from the kill until it is ours. */
async function killHalfWay(accounts: Accounts): Promise<number> {
  const child = new mp.Process(transferHalf, [accounts]).start()
  // Looked at without the lock: that is never free.
  while (accounts[0] !== TOTAL - 40 && child.isAlive) await pause(1)
  assert.equal(accounts.getLock().owner?.pid, child.pid)
  const taken = accounts.acquireAsync()
  child.kill()
  const begun = performance.now()
  assert.equal(await taken, true)
  const waited = performance.now() - begun
  await child.join()
  assert.equal(child.exitcode, -9)
  return waited
}

if (mp.isMainProcess) {
  const plain = mp.Array('c_int', [TOTAL, 0], { lock: mp.Lock() })
  const waited = await killHalfWay(plain)
  assert.equal(plain.getLock().ownerDied, true)
  assert.deepEqual([...plain], [60, 0])
  console.log(`the lock was ours ${waited.toFixed(1)} ms after the kill; half changed: ${[...plain]}`)
  plain.release()

  const mended = mp.Array('c_int', [TOTAL, 0], {
    lock: mp.Lock({
      onOwnerDied(_, { pid }) {
        console.log(`process ${pid} died half-way: finishing its transfer`)
        mended[1] = TOTAL - (mended[0] as number)
      },
    }),
  })
  await killHalfWay(mended)
  assert.deepEqual([...mended], [60, 40])
  console.log(`mended before anybody saw it: ${[...mended]}`)
  mended.release()
}
