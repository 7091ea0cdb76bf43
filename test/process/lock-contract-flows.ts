/** The contract of locks between asynchronous flows of one thread. */
import { expect } from 'chai'
import { deferred, idle } from '../helpers/deferred.js'
import { codeRejected, rejected } from '../helpers/errors.js'
import type { Fixture } from './lock-contract.js'

export function flowContract({ current }: Fixture): void {
  describe('between flows', () => {
    it('excludes flows from each other, in order of arrival', async () => {
      const { lock } = current()
      const log: string[] = []
      const flows = [0, 1, 2, 3, 4].map((flow) =>
        lock.withLockAsync(async () => {
          log.push(`${flow} in`)
          await idle()
          log.push(`${flow} out`)
          return flow
        }),
      )
      expect(await Promise.all(flows)).to.deep.equal([0, 1, 2, 3, 4])
      expect(log).to.deep.equal([0, 1, 2, 3, 4].flatMap((flow) => [`${flow} in`, `${flow} out`]))
      expect(lock.locked).to.equal(false)
    })

    it('serves acquireAsync and withLockAsync from one queue', async () => {
      const { lock } = current()
      const log: string[] = []
      expect(await lock.acquireAsync()).to.equal(true)
      const second = lock.withLockAsync(() => log.push('second'))
      const third = lock.acquireAsync().then(() => log.push('third'))
      const fourth = lock.withLockAsync(() => log.push('fourth'))
      await idle()
      expect(log).to.deep.equal([])
      lock.release()
      await third
      await idle()
      expect(log).to.deep.equal(['second', 'third'])
      lock.release()
      await Promise.all([second, fourth])
      expect(log).to.deep.equal(['second', 'third', 'fourth'])
    })

    it('counts exactly over a thousand flows that read, wait and write', async () => {
      const { lock } = current()
      let count = 0
      const flow = () =>
        lock.withLockAsync(async () => {
          const old = count
          await undefined
          count = old + 1
        })
      await Promise.all(Array.from({ length: 1000 }, flow))
      expect(count).to.equal(1000)
      expect(lock.locked).to.equal(false)
    })

    it('passes on what the function gives or throws, and releases', async () => {
      const { lock } = current()
      const failure = new Error('mine')
      expect(await lock.withLockAsync(() => 7)).to.equal(7)
      const fails = () => {
        throw failure
      }
      expect(await rejected(lock.withLockAsync(fails))).to.equal(failure)
      expect(await rejected(lock.withLockAsync(async () => fails()))).to.equal(failure)
      expect(lock.locked).to.equal(false)
    })

    it('keeps other flows of the thread out', async () => {
      const { lock } = current()
      const inside = deferred()
      const end = deferred()
      const holder = lock.withLockAsync(async () => {
        inside.resolve()
        await end.promise
      })
      await inside.promise
      expect(lock.tryAcquire()).to.equal(false)
      expect(lock.acquire(0)).to.equal(false)
      expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
      expect(await lock.acquireAsync({ timeout: 1 })).to.equal(false)
      expect(await codeRejected(lock.withLockAsync(() => {}, { timeout: 1 }))).to.equal('ERR_TIMEOUT')
      expect(lock.locked).to.equal(true)
      end.resolve()
      await holder
      expect(lock.locked).to.equal(false)
    })
  })
}
