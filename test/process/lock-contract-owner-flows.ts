/** The contract of locks that belong to their holder, between asynchronous flows of one thread: who is let in again, who may release. */
import { expect } from 'chai'
import { deferred, idle } from '../helpers/deferred.js'
import { codeRejected, codeThrown } from '../helpers/errors.js'
import type { Fixture } from './lock-contract.js'

export function flowOwnerContract({ subject, current, owned }: Fixture): void {
  const { recursive } = subject

  describe('to the flow that owns it', () => {
    it('names this thread as the owner while a flow holds it', async () => {
      const lock = owned()
      await lock.withLockAsync(() => {
        expect(lock.owner).to.deep.equal({ pid: process.pid, tid: process.pid })
        expect(lock.ownerDied).to.equal(false)
      })
      expect(lock.owner).to.equal(null)
    })

    if (recursive) {
      it('lets the flow that holds it in again, in every way', async () => {
        const lock = owned()
        await lock.withLockAsync(async () => {
          expect(lock.withLock(() => 1)).to.equal(1)
          expect(lock.tryAcquire()).to.equal(true)
          expect(await lock.acquireAsync()).to.equal(true)
          expect(await lock.acquireAsync({ timeout: 0 })).to.equal(true)
          await idle() // through awaits and timers it stays the same flow
          expect(await lock.withLockAsync(async () => lock.withLockAsync(() => lock.acquire()))).to.equal(true)
          for (let i = 0; i < 4; i++) {
            lock.release()
            expect(lock.locked).to.equal(true)
          }
        })
        expect(lock.locked).to.equal(false)
      })

      it('takes two bare acquireAsync for two flows', async () => {
        const lock = owned()
        expect(await lock.acquireAsync()).to.equal(true)
        expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
        expect(await lock.acquireAsync({ timeout: 1 })).to.equal(false)
        lock.release()
        expect(lock.locked).to.equal(false)
      })
    } else {
      it('refuses the flow that holds it a second time', async () => {
        const lock = owned()
        await lock.withLockAsync(async () => {
          expect(await codeRejected(lock.acquireAsync())).to.equal('ERR_DEADLOCK')
          expect(await codeRejected(lock.acquireAsync({ timeout: 10 }))).to.equal('ERR_DEADLOCK')
          expect(await codeRejected(lock.withLockAsync(() => {}))).to.equal('ERR_DEADLOCK')
          expect(codeThrown(() => lock.acquire())).to.equal('ERR_DEADLOCK')
          expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
          expect(lock.tryAcquire()).to.equal(false)
        })
        expect(lock.locked).to.equal(false)
      })
    }

    it('refuses what other flows of the thread could never get', async () => {
      const lock = owned()
      const inside = deferred()
      const end = deferred()
      const holder = lock.withLockAsync(async () => {
        inside.resolve()
        await end.promise
      })
      await inside.promise
      for (const blocking of [() => lock.acquire(), () => lock.acquire(10), () => lock.withLock(() => {}), () => lock.hold()])
        expect(codeThrown(blocking)).to.equal('ERR_DEADLOCK')
      expect(lock.tryAcquire()).to.equal(false)
      expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
      expect(codeThrown(() => lock.release())).to.equal('ERR_NOT_OWNER')
      expect(lock.locked).to.equal(true)
      end.resolve()
      await holder
      expect(lock.locked).to.equal(false)
    })

    it('refuses a blocking acquire while a bare acquireAsync holds it', async () => {
      const lock = owned()
      await lock.acquireAsync()
      expect(codeThrown(() => lock.acquire())).to.equal('ERR_DEADLOCK')
      expect(lock.tryAcquire()).to.equal(false)
      lock.release()
      expect(lock.tryAcquire()).to.equal(true)
      lock.release()
    })

    it('does not take what a finished holder left running for the holder', async () => {
      const lock = owned()
      const go = deferred()
      const left: Promise<unknown>[] = []
      await lock.withLockAsync(() => {
        left.push(
          go.promise.then(async () => {
            expect(lock.tryAcquire()).to.equal(false)
            expect(codeThrown(() => lock.acquire())).to.equal('ERR_DEADLOCK')
            expect(codeThrown(() => lock.release())).to.equal('ERR_NOT_OWNER')
            expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
            return lock.withLockAsync(() => 'later')
          }),
        )
        left.push(
          new Promise((resolve) => setTimeout(resolve, 0)).then(async () => {
            expect(lock.tryAcquire()).to.equal(true) // nobody holds it now: as any other flow
            lock.release()
          }),
        )
      })
      await left[1]
      let finished = false
      const next = lock.withLockAsync(async () => {
        go.resolve()
        await idle()
        finished = true
      })
      expect(await left[0]).to.equal('later')
      expect(finished).to.equal(true)
      await next
      expect(lock.locked).to.equal(false)
    })

    it('is not closed while a flow holds it', async () => {
      const lock = owned()
      const { close } = current()
      await lock.withLockAsync(() => expect(codeThrown(close)).to.equal('ERR_DEADLOCK'))
      await lock.acquireAsync()
      expect(codeThrown(close)).to.equal('ERR_DEADLOCK')
      lock.release()
      close()
    })

    it('ends a hold once: who releases inside withLockAsync is told so at its end', async () => {
      const lock = owned()
      expect(await codeRejected(lock.withLockAsync(() => lock.release()))).to.equal('ERR_NOT_OWNER')
      expect(lock.locked).to.equal(false)
      expect(codeThrown(() => lock.withLock(() => lock.release()))).to.equal('ERR_NOT_OWNER')
    })

    it('does not let the end of one flow release what another holds by then', async () => {
      const lock = owned()
      const end = deferred()
      const first = lock.withLockAsync(async () => {
        lock.release()
        await end.promise
      })
      expect(await lock.acquireAsync()).to.equal(true)
      end.resolve()
      expect(await codeRejected(first)).to.equal('ERR_NOT_OWNER')
      expect(lock.locked).to.equal(true)
      lock.release()
      expect(lock.locked).to.equal(false)
    })
  })
}
