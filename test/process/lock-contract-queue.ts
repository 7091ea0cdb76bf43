/** The contract of locks for waits in line: signals, time-outs, and nothing lost for those behind. */
import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { idle } from '../helpers/deferred.js'
import { codeRejected, rejected } from '../helpers/errors.js'
import type { LockLike } from '../helpers/open-lock.js'
import type { Fixture } from './lock-contract.js'

export function queueContract({ subject, current }: Fixture): void {
  /** Waits in line and writes down how that ended. */
  const waiter = (lock: LockLike, log: string[], name: string, options?: { timeout?: number; signal?: AbortSignal }) =>
    lock.acquireAsync(options).then(
      (taken) => {
        log.push(`${name} ${taken}`)
      },
      (error: unknown) => {
        log.push(`${name} ${String(error)}`)
      },
    )

  describe('in line', () => {
    it('refuses a signal that is aborted already, with its reason', async () => {
      const { lock } = current()
      const reason = new Error('too late')
      const signal = AbortSignal.abort(reason)
      let called = false
      expect(await rejected(lock.acquireAsync({ signal }))).to.equal(reason)
      expect(
        await rejected(
          lock.withLockAsync(
            () => {
              called = true
            },
            { signal },
          ),
        ),
      ).to.equal(reason)
      expect((await rejected(lock.acquireAsync({ signal: AbortSignal.abort() }))).name).to.equal('AbortError')
      expect(called).to.equal(false)
      expect(lock.locked).to.equal(false)
    })

    it('leaves the line when its signal aborts, and those behind move up', async () => {
      const { lock } = current()
      const log: string[] = []
      const controller = new AbortController()
      await lock.acquireAsync()
      const waits = [
        waiter(lock, log, 'first'),
        waiter(lock, log, 'second', { signal: controller.signal }),
        waiter(lock, log, 'third', { signal: controller.signal }),
        waiter(lock, log, 'fourth'),
      ]
      controller.abort('reason')
      await idle()
      expect(log).to.deep.equal(['second reason', 'third reason'])
      for (const [wait, expected] of [
        [waits[0], 'first true'],
        [waits[3], 'fourth true'],
      ] as const) {
        lock.release()
        await wait
        expect(log.at(-1)).to.equal(expected)
      }
      lock.release()
      await Promise.all(waits)
      expect(log).to.have.length(4)
      expect(lock.locked).to.equal(false)
    })

    it('does not call the function of a withLockAsync that was aborted', async () => {
      const { lock } = current()
      const controller = new AbortController()
      let called = false
      await lock.acquireAsync()
      const wait = lock.withLockAsync(
        () => {
          called = true
        },
        { signal: controller.signal },
      )
      controller.abort(new Error('enough'))
      expect((await rejected(wait)).message).to.equal('enough')
      lock.release()
      await idle()
      expect(called).to.equal(false)
      expect(lock.locked).to.equal(false)
    })

    it('minds no abort once it has the lock, and leaves no listener behind', async () => {
      const { lock } = current()
      const controller = new AbortController()
      const { signal } = controller
      expect(await lock.acquireAsync({ signal })).to.equal(true)
      const second = lock.acquireAsync({ signal })
      const late = lock.acquireAsync({ signal, timeout: 1 })
      expect(getEventListeners(signal, 'abort')).to.have.length(1) // for both: Node warns of more than ten
      expect(await late).to.equal(false)
      lock.release()
      expect(await second).to.equal(true)
      expect(getEventListeners(signal, 'abort')).to.have.length(0)
      controller.abort()
      await idle()
      expect(lock.locked).to.equal(true)
      lock.release()
    })

    it('gives false when time runs out, and those behind lose nothing', async () => {
      const { lock } = current()
      const log: string[] = []
      await lock.acquireAsync()
      const short = waiter(lock, log, 'short', { timeout: 1 })
      const patient = waiter(lock, log, 'patient', { timeout: 1e9 })
      const shorter = waiter(lock, log, 'shorter', { timeout: 2 })
      const last = waiter(lock, log, 'last')
      await Promise.all([short, shorter])
      expect(log).to.have.members(['short false', 'shorter false'])
      lock.release()
      await patient
      lock.release()
      await last
      lock.release()
      expect(log.slice(2)).to.deep.equal(['patient true', 'last true'])
      expect(lock.locked).to.equal(false)
    })

    it('withLockAsync that runs out of time rejects and does not call', async () => {
      const { lock } = current()
      let called = false
      await lock.acquireAsync()
      const call = () => {
        called = true
      }
      expect(await codeRejected(lock.withLockAsync(call, { timeout: 1 }))).to.equal('ERR_TIMEOUT')
      expect(await codeRejected(lock.withLockAsync(call, { timeout: 0 }))).to.equal('ERR_TIMEOUT')
      lock.release()
      await idle()
      expect(called).to.equal(false)
      expect(lock.locked).to.equal(false)
    })

    it('a time-out of 0 tries once and does not pass those who wait', async () => {
      const { lock } = current()
      const log: string[] = []
      expect(await lock.acquireAsync({ timeout: 0 })).to.equal(true)
      const waiting = waiter(lock, log, 'waiting')
      lock.release()
      expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
      await waiting
      lock.release()
      expect(log).to.deep.equal(['waiting true'])
    })

    it('waits for a synchronous holder of its own thread', async () => {
      const { lock } = current()
      const log: string[] = []
      lock.acquire()
      expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
      expect(await lock.acquireAsync({ timeout: 1 })).to.equal(false)
      const first = waiter(lock, log, 'first')
      const second = lock.withLockAsync(() => log.push('second'))
      await idle()
      expect(log).to.deep.equal([])
      lock.release()
      await first
      expect(log).to.deep.equal(['first true'])
      lock.release()
      await second
      expect(log).to.deep.equal(['first true', 'second'])
      expect(lock.locked).to.equal(false)
    })

    it('gets the lock in the end when synchronous callers take it in between', async () => {
      const { lock } = current()
      let turns = 0
      let got = false
      lock.acquire()
      const wait = lock.acquireAsync().then(() => {
        got = true
      })
      lock.release()
      // Synchronous code may pass those in line: it can't wait for them. Each time it lets go they have another chance.
      while (!got && lock.tryAcquire()) {
        turns++
        lock.release()
        await new Promise((resolve) => setImmediate(resolve))
      }
      await wait
      lock.release()
      if (subject.owned) expect(turns).to.be.greaterThanOrEqual(1) // a permit may be handed to who waits for it
      expect(lock.locked).to.equal(false)
    })

    it('goes on after a line that emptied in the moment of its release', async () => {
      const { lock } = current()
      const controller = new AbortController()
      const log: string[] = []
      await lock.acquireAsync()
      const leaving = waiter(lock, log, 'leaving', { signal: controller.signal })
      // All in one turn: the release that would serve the line, its only waiter gone, and a new holder with a new waiter.
      lock.release()
      controller.abort('gone')
      const next = waiter(lock, log, 'next')
      const last = waiter(lock, log, 'last', { timeout: 5000 })
      await leaving
      // A permit may have been on its way to it already.
      if (!subject.owned && log.includes('leaving true')) lock.release()
      else expect(log).to.include('leaving gone')
      await next
      lock.release()
      await last
      expect(log).to.have.length(3).and.include.members(['next true', 'last true'])
      lock.release()
      expect(lock.locked).to.equal(false)
    })

    it('serves many waits with and without time-outs, each exactly once', async () => {
      const { lock } = current()
      const controller = new AbortController()
      const outcomes = new Map<string, number>()
      await lock.acquireAsync()
      const waits = Array.from({ length: 300 }, async (_, i) => {
        const options = i % 3 === 0 ? {} : i % 3 === 1 ? { signal: controller.signal } : { timeout: 1 + (i % 5) }
        const outcome = await lock.acquireAsync(options).then(
          (taken) => (taken ? 'taken' : 'late'),
          () => 'aborted',
        )
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        if (outcome === 'taken') lock.release()
      })
      await waits[2] // its time runs out
      controller.abort()
      await Promise.all(waits.filter((_, i) => i % 3 !== 0))
      lock.release()
      await Promise.all(waits)
      expect(Object.fromEntries(outcomes)).to.deep.equal({ taken: 100, aborted: 100, late: 100 })
      expect(lock.locked).to.equal(false)
    })
  })
}
