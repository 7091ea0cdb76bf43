/** The contract of locks within one thread, without asynchronous flows. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import type { Lock } from '../../lib/index.js'
import { codeRejected, codeThrown, thrown } from '../helpers/errors.js'
import { openLock } from '../helpers/open-lock.js'
import type { Fixture } from './lock-contract.js'

/** Every way to take a lock with a time-out, as the error's code it ends with; they release what they take. */
const timedWays: Record<string, (lock: Lock, timeout: number) => Promise<string | undefined>> = {
  acquire: async (lock, timeout) => codeThrown(() => lock.acquire(timeout)),
  acquireAsync: (lock, timeout) => codeRejected(lock.acquireAsync({ timeout })),
  withLock: async (lock, timeout) => codeThrown(() => lock.withLock(() => {}, { timeout })),
  withLockAsync: (lock, timeout) => codeRejected(lock.withLockAsync(() => {}, { timeout })),
  hold: async (lock, timeout) => codeThrown(() => lock.hold({ timeout })),
}

const outOfRange: unknown[] = [-1, -0.001, Number.NaN, Number.NEGATIVE_INFINITY]
const notANumber: unknown[] = ['1', null, true, 1n, {}, [5], Symbol('soon'), () => 5]

export function threadContract({ subject, current }: Fixture): void {
  const depth = subject.recursive ? 3 : 1
  const take = (lock: Lock) => {
    for (let i = 0; i < depth; i++) expect(lock.acquire()).to.equal(true)
  }
  const giveBack = (lock: Lock) => {
    for (let i = 0; i < depth; i++) lock.release()
  }

  describe('in one thread', () => {
    it('is taken and released, and says so', () => {
      const { lock } = current()
      for (const acquire of [() => lock.acquire(), () => lock.acquire(0), () => lock.acquire(1e9), () => lock.tryAcquire()]) {
        expect(lock.locked).to.equal(false)
        expect(lock.owner).to.equal(null)
        expect(acquire()).to.equal(true)
        expect(lock.locked).to.equal(true)
        expect(lock.owner?.pid).to.equal(process.pid)
        expect(lock.owner?.tid).to.equal(process.pid) // the main thread's id is the process's
        expect(lock.ownerDied).to.equal(false)
        lock.release()
      }
      expect(lock.locked).to.equal(false)
      expect(lock.owner).to.equal(null)
    })

    it('takes fractions and Infinity as time-outs', () => {
      const { lock } = current()
      for (const timeout of [0.25, Number.POSITIVE_INFINITY, Number.MAX_VALUE, Number.MIN_VALUE, -0]) {
        expect(lock.acquire(timeout)).to.equal(true)
        lock.release()
      }
    })

    it('refuses a release when it is not held', () => {
      const { lock } = current()
      expect(codeThrown(() => lock.release())).to.equal('ERR_NOT_OWNER')
      lock.acquire()
      lock.release()
      expect(thrown(() => lock.release()).message).to.match(/not held by this thread nor by anyone/)
      expect(lock.tryAcquire()).to.equal(true)
      lock.release()
    })

    if (subject.recursive) {
      it('is taken again by its holder, and free after as many releases', () => {
        const { lock } = current()
        const ways = [() => lock.acquire(), () => lock.acquire(0), () => lock.acquire(5), () => lock.tryAcquire()]
        for (const way of ways) expect(way()).to.equal(true)
        for (let level = ways.length; level > 0; level--) {
          expect(lock.locked).to.equal(true)
          lock.release()
        }
        expect(lock.locked).to.equal(false)
        expect(codeThrown(() => lock.release())).to.equal('ERR_NOT_OWNER')
      })

      it('counts withLock and hold as levels too', () => {
        const { lock } = current()
        lock.withLock(() => {
          const held = lock.hold()
          expect(lock.withLock(() => lock.locked)).to.equal(true)
          held.release()
          expect(lock.locked).to.equal(true)
        })
        expect(lock.locked).to.equal(false)
      })
    } else {
      it('refuses to wait for itself', () => {
        const { lock } = current()
        lock.acquire()
        for (const again of [
          () => lock.acquire(),
          () => lock.acquire(10),
          () => lock.withLock(() => {}),
          () => lock.hold(),
          () => lock.hold({ timeout: 10 }),
        ])
          expect(codeThrown(again)).to.equal('ERR_DEADLOCK')
        expect(lock.tryAcquire()).to.equal(false)
        expect(lock.acquire(0)).to.equal(false)
        lock.release() // one release: none of those counted
        expect(lock.locked).to.equal(false)
      })
    }

    it('withLock gives what the function returns, and releases however it ends', () => {
      const { lock } = current()
      expect(lock.withLock(() => (lock.locked ? 'held' : 'free'))).to.equal('held')
      expect(lock.withLock(() => 7, { timeout: 0 })).to.equal(7)
      const failure = new Error('mine')
      expect(
        thrown(() =>
          lock.withLock(() => {
            throw failure
          }),
        ),
      ).to.equal(failure)
      expect(lock.locked).to.equal(false)
    })

    it('withLock refuses functions that return promises, after releasing', () => {
      const { lock } = current()
      for (const asynchronous of [async () => 1, () => Promise.resolve(), () => Object.defineProperty({}, 'then', { value: () => {} })]) {
        const error = thrown(() => lock.withLock<unknown>(asynchronous))
        expect(error).to.be.instanceOf(TypeError)
        expect(error.code).to.equal('ERR_INVALID_ARG_TYPE')
        expect(error.message).to.match(/withLockAsync/)
        expect(lock.locked).to.equal(false)
      }
    })

    it('withLock and withLockAsync want a function', async () => {
      const { lock } = current()
      for (const wrong of [undefined, null, 5, {}, Promise.resolve()] as unknown as (() => void)[]) {
        expect(codeThrown(() => lock.withLock(wrong))).to.equal('ERR_INVALID_ARG_TYPE')
        expect(await codeRejected(lock.withLockAsync(wrong))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      expect(lock.locked).to.equal(false)
    })

    it('hold releases once, by hand or at the end of the block', () => {
      const { lock } = current()
      {
        using held = lock.hold()
        expect(lock.locked).to.equal(true)
        held.release()
        expect(lock.locked).to.equal(false)
        held.release()
        expect(lock.tryAcquire()).to.equal(true) // the end of the block leaves this one alone
      }
      expect(lock.locked).to.equal(true)
      lock.release()
      {
        using _ = lock.hold({ timeout: 0 })
        expect(lock.locked).to.equal(true)
      }
      expect(lock.locked).to.equal(false)
    })

    for (const [way, codeOf] of Object.entries(timedWays)) {
      it(`refuses bad time-outs: ${way}`, async () => {
        const { lock } = current()
        for (const bad of outOfRange) expect(await codeOf(lock, bad as number), inspect(bad)).to.equal('ERR_OUT_OF_RANGE')
        for (const bad of notANumber) expect(await codeOf(lock, bad as number), inspect(bad)).to.equal('ERR_INVALID_ARG_TYPE')
        expect(lock.locked).to.equal(false)
      })
    }

    it('refuses bad options', async () => {
      const { lock } = current()
      for (const bad of [5, null, 'soon'] as unknown as { timeout: number }[]) {
        expect(codeThrown(() => lock.withLock(() => {}, bad))).to.equal('ERR_INVALID_ARG_TYPE')
        expect(codeThrown(() => lock.hold(bad))).to.equal('ERR_INVALID_ARG_TYPE')
        expect(await codeRejected(lock.acquireAsync(bad))).to.equal('ERR_INVALID_ARG_TYPE')
        expect(await codeRejected(lock.withLockAsync(() => {}, bad))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      for (const bad of [{}, null, 'abort', new EventTarget()] as unknown as AbortSignal[])
        expect(await codeRejected(lock.acquireAsync({ signal: bad }))).to.equal('ERR_INVALID_ARG_TYPE')
      expect(lock.locked).to.equal(false)
    })

    it('is not closed while it is held, and afterwards is', async () => {
      const { lock, close } = current()
      take(lock)
      expect(codeThrown(close)).to.equal('ERR_DEADLOCK')
      expect(lock.locked).to.equal(true) // nothing changed
      giveBack(lock)
      close()
      const uses: Record<string, () => unknown> = {
        acquire: () => lock.acquire(),
        tryAcquire: () => lock.tryAcquire(),
        release: () => lock.release(),
        withLock: () => lock.withLock(() => {}),
        hold: () => lock.hold(),
        locked: () => lock.locked,
        owner: () => lock.owner,
        ownerDied: () => lock.ownerDied,
        recover: () => lock.recover(),
        toJSON: () => lock.toJSON(),
      }
      for (const [name, use] of Object.entries(uses)) expect(codeThrown(use), name).to.equal('ERR_CLOSED')
      expect(await codeRejected(lock.acquireAsync())).to.equal('ERR_CLOSED')
      expect(await codeRejected(lock.withLockAsync(() => {}))).to.equal('ERR_CLOSED')
      expect(inspect(lock))
        .to.match(subject.shownAs)
        .and.match(/\(closed\)$/)
      close() // a second time does nothing
      lock[Symbol.dispose]()
    })

    it('lives on in other objects for it when one is closed', () => {
      const { lock, handle } = current()
      const other = openLock(handle)
      take(lock)
      expect(other.lock.locked).to.equal(true)
      expect(other.lock.owner).to.deep.equal(lock.owner)
      expect(codeThrown(() => other.close())).to.equal('ERR_DEADLOCK') // its holder is the thread, not the object
      giveBack(other.lock)
      expect(lock.locked).to.equal(false)
      other.close()
      take(lock)
      giveBack(lock)
      expect(codeThrown(() => other.lock.acquire())).to.equal('ERR_CLOSED')
    })

    it('shows itself', () => {
      const { lock } = current()
      expect(inspect(lock))
        .to.match(subject.shownAs)
        .and.match(/\(free\)$/)
      lock.acquire()
      expect(inspect(lock)).to.match(subject.shownAs)
      expect(inspect(lock)).to.include(`held by process ${process.pid}, thread ${process.pid}`)
      lock.release()
    })

    it('has a handle of plain data from which the same lock comes', () => {
      const { lock } = current()
      const handle = lock.toJSON()
      expect(structuredClone(handle)).to.deep.equal(handle)
      for (const form of [handle, structuredClone(handle), JSON.stringify(lock)] as (typeof handle)[]) {
        const other = openLock(form)
        lock.acquire()
        expect(other.lock.locked).to.equal(true)
        lock.release()
        expect(other.lock.locked).to.equal(false)
        other.close()
      }
    })

    it('recover leaves a lock alone that nobody died with', () => {
      const { lock } = current()
      let mended = 0
      lock.recover()
      lock.recover(() => {
        mended++
        expect(lock.locked).to.equal(true)
      })
      lock.acquire()
      lock.recover(() => {
        mended++
      })
      expect(lock.locked).to.equal(true)
      lock.release()
      expect(mended).to.equal(2)
      expect(lock.locked).to.equal(false)
    })
  })
}
