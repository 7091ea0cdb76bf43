/** The contract of what is lock-like but belongs to nobody: the only permit of a semaphore. Anybody may release it. */
import { expect } from 'chai'
import { codeRejected, codeThrown } from '../helpers/errors.js'
import type { Fixture } from './lock-contract.js'

export function permitContract({ current }: Fixture): void {
  describe('as a permit', () => {
    it('does not know its holder: a second acquire waits like any other', async () => {
      const { lock } = current()
      expect(lock.acquire()).to.equal(true)
      expect(lock.tryAcquire()).to.equal(false)
      expect(lock.acquire(1)).to.equal(false)
      expect(await lock.acquireAsync({ timeout: 1 })).to.equal(false)
      for (const late of [() => lock.withLock(() => {}, { timeout: 1 }), () => lock.hold({ timeout: 1 })])
        expect(codeThrown(late)).to.equal('ERR_TIMEOUT')
      lock.release()
      expect(lock.locked).to.equal(false)
    })

    it('is waited for by blocking calls even while a flow of this thread holds it', async () => {
      const { lock } = current()
      await lock.withLockAsync(async () => {
        expect(lock.acquire(1)).to.equal(false)
        expect(lock.acquire(0)).to.equal(false)
        expect(await codeRejected(lock.withLockAsync(() => {}, { timeout: 1 }))).to.equal('ERR_TIMEOUT')
      })
      expect(lock.locked).to.equal(false)
    })

    it('may be given back by another flow than took it', async () => {
      const { lock } = current()
      await lock.acquireAsync()
      const next = lock.acquireAsync()
      await Promise.resolve().then(() => lock.release())
      expect(await next).to.equal(true)
      lock.release()
      expect(lock.locked).to.equal(false)
    })

    it('keeps its place in line over hundreds of takers', async () => {
      const { lock } = current()
      const order: number[] = []
      await lock.acquireAsync()
      const takers = Array.from({ length: 300 }, async (_, i) => {
        await lock.acquireAsync()
        order.push(i)
        lock.release()
      })
      lock.release()
      await Promise.all(takers)
      expect(order).to.deep.equal(takers.map((_, i) => i))
      expect(lock.locked).to.equal(false)
    })
  })
}
