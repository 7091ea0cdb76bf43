/** The contract of locks within one thread, without asynchronous flows. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { codeRejected, codeThrown, thrown } from '../helpers/errors.js'
import { type LockLike, openLock } from '../helpers/open-lock.js'
import type { Fixture } from './lock-contract.js'

/** Every way to take a lock with a time-out, as the error's code it ends with; they release what they take. */
const timedWays: Record<string, (lock: LockLike, timeout: number) => Promise<string | undefined>> = {
  acquire: async (lock, timeout) => codeThrown(() => lock.acquire(timeout)),
  acquireAsync: (lock, timeout) => codeRejected(lock.acquireAsync({ timeout })),
  withLock: async (lock, timeout) => codeThrown(() => lock.withLock(() => {}, { timeout })),
  withLockAsync: (lock, timeout) => codeRejected(lock.withLockAsync(() => {}, { timeout })),
  hold: async (lock, timeout) => codeThrown(() => lock.hold({ timeout })),
}

const outOfRange: unknown[] = [-1, -0.001, Number.NaN, Number.NEGATIVE_INFINITY]
const notANumber: unknown[] = ['1', null, true, 1n, {}, [5], Symbol('soon'), () => 5]

export function threadContract({ subject, current }: Fixture): void {
  describe('in one thread', () => {
    it('is taken and released, and says so', () => {
      const { lock } = current()
      for (const acquire of [() => lock.acquire(), () => lock.acquire(0), () => lock.acquire(1e9), () => lock.tryAcquire()]) {
        expect(lock.locked).to.equal(false)
        expect(acquire()).to.equal(true)
        expect(lock.locked).to.equal(true)
        lock.release()
      }
      expect(lock.locked).to.equal(false)
    })

    it('takes fractions and Infinity as time-outs', () => {
      const { lock } = current()
      for (const timeout of [0.25, Number.POSITIVE_INFINITY, Number.MAX_VALUE, Number.MIN_VALUE, -0]) {
        expect(lock.acquire(timeout)).to.equal(true)
        lock.release()
      }
    })

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
        expect(error.message).to.match(/with(Lock|Permit)Async/)
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

    it('is of no use once closed', async () => {
      const { lock, object, close } = current()
      close()
      const uses: Record<string, () => unknown> = {
        acquire: () => lock.acquire(),
        'acquire(0)': () => lock.acquire(0),
        tryAcquire: () => lock.tryAcquire(),
        release: () => lock.release(),
        withLock: () => lock.withLock(() => {}),
        hold: () => lock.hold(),
        locked: () => lock.locked,
        toJSON: () => object.toJSON(),
      }
      for (const [name, use] of Object.entries(uses)) expect(codeThrown(use), name).to.equal('ERR_CLOSED')
      expect(await codeRejected(lock.acquireAsync())).to.equal('ERR_CLOSED')
      expect(await codeRejected(lock.acquireAsync({ timeout: 0 }))).to.equal('ERR_CLOSED')
      expect(await codeRejected(lock.withLockAsync(() => {}))).to.equal('ERR_CLOSED')
      expect(inspect(object))
        .to.match(subject.shownAs)
        .and.match(/\(closed\)$/)
      close() // a second time does nothing
    })

    it('is one lock, through however many objects', () => {
      const { lock, handle } = current()
      const other = openLock(handle)
      expect(lock.acquire()).to.equal(true)
      expect(other.lock.locked).to.equal(true)
      other.lock.release()
      expect(lock.locked).to.equal(false)
      other.close()
      expect(codeThrown(() => other.lock.acquire())).to.equal('ERR_CLOSED')
      expect(lock.acquire()).to.equal(true)
      lock.release()
    })

    it('shows itself', () => {
      const { lock, object } = current()
      const free = inspect(object)
      expect(free).to.match(subject.shownAs)
      lock.acquire()
      const taken = inspect(object)
      expect(taken).to.match(subject.shownAs).and.not.equal(free)
      lock.release()
      expect(inspect(object)).to.equal(free)
    })

    it('has a handle of plain data from which the same lock comes', () => {
      const { lock, object } = current()
      const handle = object.toJSON()
      expect(structuredClone(handle)).to.deep.equal(handle)
      for (const form of [handle, structuredClone(handle), JSON.stringify(object)] as (typeof handle)[]) {
        const other = openLock(form)
        lock.acquire()
        expect(other.lock.locked).to.equal(true)
        lock.release()
        expect(other.lock.locked).to.equal(false)
        other.close()
      }
    })
  })
}
