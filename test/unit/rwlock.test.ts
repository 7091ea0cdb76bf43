/** RWLock: many readers or one writer, and what becomes of the dead. The write half keeps the contract of locks (process/lock.test.ts). */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, Event, OwnerDiedError, RWLock } from '../../lib/index.js'
import { outOfRange, refused, uniqueName, wrongType } from '../fixtures/unit-helpers.js'
import { sharedTests } from '../fixtures/unit-shared.js'
import { Actor, type Kind, type Remote } from '../helpers/actor.js'
import { isAsleep } from '../helpers/asleep.js'
import { deferred, idle, untilBusily } from '../helpers/deferred.js'
import { codeRejected, codeThrown, rejected, thrown } from '../helpers/errors.js'
import { collectOwnerDied } from '../helpers/warnings.js'

const halves = ['read', 'write'] as const

describe('RWLock', () => {
  sharedTests({
    kind: 'RWLock',
    shown: /0 reading/,
    make: (named) => RWLock(named),
    other: (named) => Event(named),
    uses: Object.fromEntries(
      halves.flatMap((half) => [
        [`${half}.acquire`, (lock: RWLock) => lock[half].acquire()],
        [`${half}.acquire(0)`, (lock: RWLock) => lock[half].acquire(0)],
        [`${half}.tryAcquire`, (lock: RWLock) => lock[half].tryAcquire()],
        [`${half}.release`, (lock: RWLock) => lock[half].release()],
        [`${half}.withLock`, (lock: RWLock) => lock[half].withLock(() => {})],
        [`${half}.hold`, (lock: RWLock) => lock[half].hold()],
        [`${half}.locked`, (lock: RWLock) => lock[half].locked],
        [`${half}.acquireAsync`, (lock: RWLock) => lock[half].acquireAsync()],
        [`${half}.withLockAsync`, (lock: RWLock) => lock[half].withLockAsync(() => {})],
      ]),
    ),
  })

  it('refuses bad options', async () => {
    for (const policy of ['ignore', 5, null, {}]) wrongType(() => RWLock({ onOwnerDied: policy as never }), '`onOwnerDied`')
    for (const options of [5, null, 'name']) wrongType(() => RWLock(options as never), '`options`')
    using lock = RWLock()
    for (const half of halves) {
      for (const timeout of [-1, Number.NaN]) {
        outOfRange(() => lock[half].acquire(timeout), 'timeout')
        outOfRange(() => lock[half].withLock(() => {}, { timeout }), 'timeout')
        expect(await codeRejected(lock[half].acquireAsync({ timeout }))).to.equal('ERR_OUT_OF_RANGE')
      }
      for (const timeout of ['1', null, 1n] as never[]) {
        wrongType(() => lock[half].acquire(timeout), 'timeout')
        wrongType(() => lock[half].hold({ timeout }), 'timeout')
        expect(await codeRejected(lock[half].withLockAsync(() => {}, { timeout }))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      for (const fn of [undefined, 5, {}] as never[]) {
        wrongType(() => lock[half].withLock(fn), '`fn`')
        expect(await codeRejected(lock[half].withLockAsync(fn))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      wrongType(() => lock[half].withLock(async () => {}), 'withLockAsync')
      expect(await codeRejected(lock[half].acquireAsync({ signal: {} as never }))).to.equal('ERR_INVALID_ARG_TYPE')
      expect(lock[half].locked).to.equal(false)
    }
  })

  it('is read or written, and says so', () => {
    using lock = RWLock()
    const free = inspect(lock)
    lock.read.acquire()
    expect([lock.read.locked, lock.write.locked]).to.deep.equal([true, false])
    expect(inspect(lock)).to.match(/1 reading/)
    lock.read.release()
    lock.write.acquire()
    expect([lock.read.locked, lock.write.locked]).to.deep.equal([false, true])
    expect(inspect(lock))
      .to.match(/writing/)
      .and.include(`process ${process.pid}`)
    lock.write.release()
    expect(inspect(lock)).to.equal(free)
  })

  it('reads as deep as one likes, and is free after as many releases', () => {
    using lock = RWLock()
    const ways = [() => lock.read.acquire(), () => lock.read.acquire(0), () => lock.read.acquire(5), () => lock.read.tryAcquire()]
    for (const way of ways) expect(way()).to.equal(true)
    lock.read.withLock(() => {
      using _ = lock.read.hold()
      expect(lock.read.locked).to.equal(true)
    })
    for (const _ of ways) {
      expect(lock.read.locked).to.equal(true)
      lock.read.release()
    }
    expect(lock.read.locked).to.equal(false)
    refused(() => lock.read.release(), 'ERR_NOT_OWNER')
    expect(lock.write.tryAcquire()).to.equal(true)
    lock.write.release()
  })

  it('gives what the function gives, and is free however it ends', async () => {
    using lock = RWLock()
    const failure = new Error('mine')
    for (const half of halves) {
      const fails = () => {
        throw failure
      }
      expect(lock[half].withLock(() => 7)).to.equal(7)
      expect(await lock[half].withLockAsync(async () => 8)).to.equal(8)
      expect(thrown(() => lock[half].withLock(fails))).to.equal(failure)
      expect(await rejected(lock[half].withLockAsync(fails))).to.equal(failure)
      {
        using held = lock[half].hold()
        expect(lock[half].locked).to.equal(true)
        held.release()
        expect(lock[half].locked).to.equal(false)
      }
      expect(lock[half].locked).to.equal(false)
    }
  })

  it('refuses a release of a half that is not held', () => {
    using lock = RWLock()
    for (const half of halves) refused(() => lock[half].release(), 'ERR_NOT_OWNER')
    lock.read.acquire()
    refused(() => lock.write.release(), 'ERR_NOT_OWNER')
    lock.read.release()
    lock.write.acquire()
    refused(() => lock.read.release(), 'ERR_NOT_OWNER')
    lock.write.release()
  })

  it('makes no writer of a reader', () => {
    using lock = RWLock()
    lock.read.acquire()
    for (const upgrade of [
      () => lock.write.acquire(),
      () => lock.write.acquire(5),
      () => lock.write.withLock(() => {}),
      () => lock.write.hold(),
    ])
      refused(upgrade, 'ERR_DEADLOCK')
    expect(lock.write.tryAcquire()).to.equal(false)
    expect([lock.read.locked, lock.write.locked]).to.deep.equal([true, false])
    lock.read.release()
    expect(lock.write.acquire()).to.equal(true)
    lock.write.release()
  })

  it('makes a reader of a writer', async () => {
    using lock = RWLock()
    const actor = new Actor('process')
    const there = await actor.openObject(lock.toJSON())
    lock.write.acquire()
    expect(lock.read.acquire()).to.equal(true)
    expect(await there.call('use', 'read.tryAcquire')).to.equal(false)
    lock.write.release()
    expect([lock.read.locked, lock.write.locked]).to.deep.equal([true, false])
    expect(await there.call('use', 'read.tryAcquire')).to.equal(true)
    expect(await there.call('use', 'write.tryAcquire')).to.equal(false)
    await there.call('use', 'read.release')
    expect(await there.call('use', 'write.tryAcquire')).to.equal(false)
    lock.read.release()
    expect(await there.call('use', 'write.tryAcquire')).to.equal(true)
    await actor.kill()
  })

  it('is not closed while this thread holds a half', () => {
    for (const half of halves) {
      const lock = RWLock()
      lock[half].acquire()
      expect(
        codeThrown(() => lock.close()),
        half,
      ).to.equal('ERR_DEADLOCK')
      expect(lock[half].locked).to.equal(true)
      lock[half].release()
      lock.close()
    }
  })

  describe('between flows', () => {
    it('lets many read at once', async () => {
      using lock = RWLock()
      let inside = 0
      let most = 0
      const all = deferred()
      const flow = () =>
        lock.read.withLockAsync(async () => {
          most = Math.max(most, ++inside)
          if (inside === 10) all.resolve()
          await all.promise
          inside--
        })
      await Promise.all(Array.from({ length: 10 }, flow))
      expect(most).to.equal(10)
      expect(lock.read.locked).to.equal(false)
    })

    it('lets one write, while nobody reads', async () => {
      using lock = RWLock()
      let readers = 0
      let writers = 0
      const flow = (i: number) =>
        i % 4 === 0
          ? lock.write.withLockAsync(async () => {
              writers++
              await idle()
              expect([readers, writers]).to.deep.equal([0, 1])
              writers--
            })
          : lock.read.withLockAsync(async () => {
              readers++
              await idle()
              expect(writers).to.equal(0)
              readers--
            })
      await Promise.all(Array.from({ length: 60 }, (_, i) => flow(i)))
      expect([lock.read.locked, lock.write.locked]).to.deep.equal([false, false])
    })

    it('lets no reader pass a writer that waits', async () => {
      using lock = RWLock()
      const log: string[] = []
      const end = deferred()
      const reading = lock.read.withLockAsync(() => end.promise)
      await idle()
      const writing = lock.write.withLockAsync(() => log.push('write'))
      await idle()
      const later = lock.read.withLockAsync(() => log.push('read'))
      await idle()
      expect(log).to.deep.equal([])
      expect(await lock.read.acquireAsync({ timeout: 0 })).to.equal(false)
      expect(await lock.read.acquireAsync({ timeout: 1 })).to.equal(false)
      end.resolve()
      await Promise.all([reading, writing, later])
      expect(log).to.deep.equal(['write', 'read'])
    })

    it('lets readers in again when the writer that waited gives up', async () => {
      using lock = RWLock()
      const controller = new AbortController()
      const reason = new Error('mine')
      await lock.read.acquireAsync()
      const gone = rejected(lock.write.acquireAsync({ signal: controller.signal }))
      const next = lock.read.withLockAsync(() => 'read')
      controller.abort(reason)
      expect(await gone).to.equal(reason)
      expect(await next).to.equal('read')
      expect(await lock.write.acquireAsync({ timeout: 1 })).to.equal(false)
      expect(await codeRejected(lock.write.withLockAsync(() => {}, { timeout: 1 }))).to.equal('ERR_TIMEOUT')
      expect(await lock.read.withLockAsync(() => 'again')).to.equal('again')
      lock.read.release()
      expect([lock.read.locked, lock.write.locked]).to.deep.equal([false, false])
    })

    it('lets the flow that reads read again, while a writer waits', async () => {
      using lock = RWLock()
      let writing: Promise<number> | undefined
      await lock.read.withLockAsync(async () => {
        writing = lock.write.withLockAsync(() => 1).catch(() => 0)
        await idle()
        expect(await lock.read.withLockAsync(() => 2)).to.equal(2)
        expect(lock.read.withLock(() => 3)).to.equal(3)
      })
      expect(await writing).to.be.oneOf([0, 1]) // asked for inside of a flow that reads, it may be refused
      expect(lock.write.tryAcquire()).to.equal(true)
      lock.write.release()
    })

    it('lets the flow that writes read', async () => {
      using lock = RWLock()
      await lock.write.withLockAsync(async () => {
        expect(await lock.read.withLockAsync(() => 1)).to.equal(1)
        expect(lock.read.withLock(() => 2)).to.equal(2)
      })
      expect([lock.read.locked, lock.write.locked]).to.deep.equal([false, false])
    })

    it('closing rejects those that wait', async () => {
      using lock = RWLock()
      const other = attach<RWLock>(lock.toJSON())
      const actor = new Actor('process')
      const there = await actor.openObject(lock.toJSON())
      await there.call('use', 'write.acquire')
      const waits = [other.read.acquireAsync(), other.write.acquireAsync(), other.read.withLockAsync(() => {})].map((each) =>
        codeRejected(each),
      )
      const kept = [lock.read.withLockAsync(() => 1), lock.write.withLockAsync(() => 2)]
      other.close()
      expect(await Promise.all(waits)).to.deep.equal(['ERR_CLOSED', 'ERR_CLOSED', 'ERR_CLOSED'])
      await there.call('use', 'write.release')
      expect(await Promise.all(kept)).to.deep.equal([1, 2])
      await actor.kill()
    })
  })

  for (const kind of ['process', 'worker'] as const) {
    describe(kind === 'process' ? 'across processes' : 'across worker threads', () => {
      let actors: Actor[]
      before(() => {
        actors = Array.from({ length: 3 }, () => new Actor(kind))
      })
      after(() => Promise.all(actors.map((actor) => actor.kill())))
      const open = async (lock: RWLock) =>
        (await Promise.all(actors.map((actor) => actor.openObject(lock.toJSON())))) as [Remote, Remote, Remote]

      it('lets many read, and nobody write meanwhile', async () => {
        using lock = RWLock()
        const [a, b, c] = await open(lock)
        expect(await a.call('use', 'read.acquire')).to.equal(true)
        expect(await b.call('use', 'read.acquireAsync')).to.equal(true)
        expect(lock.read.acquire()).to.equal(true)
        expect(await c.call('use', 'write.tryAcquire')).to.equal(false)
        expect(await c.call('use', 'write.acquire', 5)).to.equal(false)
        expect(await c.call('use', 'write.acquireAsync', { timeout: 5 })).to.equal(false)
        // Those tries in vain keep nobody out.
        expect(await c.call('use', 'read.acquire')).to.equal(true)
        for (const each of [a, b, c]) await each.call('use', 'read.release')
        expect(await c.call('use', 'write.tryAcquire')).to.equal(false)
        lock.read.release()
        expect(await c.call('use', 'write.tryAcquire')).to.equal(true)
        await c.call('use', 'write.release')
      })

      it('lets nobody read while one writes', async () => {
        using lock = RWLock()
        const [a, b] = await open(lock)
        await a.call('use', 'write.acquire')
        expect(lock.read.tryAcquire()).to.equal(false)
        expect(lock.read.acquire(5)).to.equal(false)
        expect(await lock.read.acquireAsync({ timeout: 5 })).to.equal(false)
        expect(codeThrown(() => lock.read.withLock(() => {}, { timeout: 5 }))).to.equal('ERR_TIMEOUT')
        expect(await b.call('use', 'read.tryAcquire')).to.equal(false)
        expect(await codeRejected(b.call('use', 'read.release'))).to.equal('ERR_NOT_OWNER')
        expect(lock.write.owner?.pid).to.equal((await a.call('whoAmI')).pid)
        await a.call('use', 'write.release')
        expect(lock.read.tryAcquire()).to.equal(true)
        lock.read.release()
      })

      it('lets all that wait to read in together, blocking or not', async () => {
        using lock = RWLock()
        const [a, b] = await open(lock)
        lock.write.acquire()
        const waits = [a.begin('use', 'read.acquire'), b.begin('use', 'read.acquireAsync')]
        await a.actor.asleep()
        await b.call('whoAmI')
        lock.write.release()
        for (const { done } of waits) expect(await done).to.equal(true)
        expect(lock.read.readers).to.equal(2)
        for (const each of [a, b]) await each.call('use', 'read.release')
        expect(lock.read.locked).to.equal(false)
      })

      it('starves no writer: readers that come later wait behind it', async () => {
        using lock = RWLock()
        const [a, b, c] = await open(lock)
        await a.call('use', 'read.acquire')
        const writing = b.begin('use', 'write.acquire')
        await b.actor.asleep()
        expect(await c.call('use', 'read.tryAcquire')).to.equal(false)
        expect(await c.call('use', 'read.acquire', 5)).to.equal(false)
        expect(lock.read.tryAcquire()).to.equal(false)
        expect(await a.call('use', 'read.acquire')).to.equal(true) // it reads already
        await a.call('use', 'read.release')
        const reading = c.begin('use', 'read.acquire')
        await c.actor.asleep()
        await a.call('use', 'read.release')
        expect(await writing.done).to.equal(true)
        expect(await a.call('use', 'read.tryAcquire')).to.equal(false)
        await b.call('use', 'write.release')
        expect(await reading.done).to.equal(true)
        await c.call('use', 'read.release')
      })

      it('lets readers in again when the writer that waited has run out of time', async () => {
        using lock = RWLock()
        const [a, b, c] = await open(lock)
        await a.call('use', 'read.acquire')
        const writing = b.begin('use', 'write.acquire', 50)
        let over = false
        void writing.done.then(() => {
          over = true
        })
        const { pid, tid } = await b.actor.self
        await untilBusily(() => over || isAsleep(pid, tid))
        const reading = [c.begin('use', 'read.acquire'), lock.read.acquireAsync()] as const
        expect(await writing.done).to.equal(false)
        expect(await reading[0].done).to.equal(true)
        expect(await reading[1]).to.equal(true)
        lock.read.release()
        for (const each of [a, c]) await each.call('use', 'read.release')
        expect([lock.read.locked, lock.write.locked]).to.deep.equal([false, false])
      })

      it('lets readers in again when the writer that waited has died', async () => {
        for (const method of ['write.acquire', 'write.acquireAsync']) {
          using lock = RWLock()
          const [a, b] = await open(lock)
          const victim = await new Actor(kind).openObject(lock.toJSON())
          await a.call('use', 'read.acquire')
          const writing = victim.begin('use', method)
          await writing.begun
          if (method === 'write.acquire') await victim.actor.asleep()
          else await victim.call('whoAmI')
          const reading = [b.begin('use', 'read.acquire'), lock.read.acquireAsync()] as const
          await b.actor.asleep()
          await victim.actor.kill()
          expect(await reading[0].done, method).to.equal(true)
          expect(await reading[1], method).to.equal(true)
          lock.read.release()
          for (const each of [a, b]) await each.call('use', 'read.release')
          expect(
            lock.write.withLock(() => lock.write.ownerDied),
            'it had not begun to write',
          ).to.equal(false)
        }
      })

      it('forgets a reader that died, however it read', async () => {
        for (const method of ['read.acquire', 'read.acquireAsync']) {
          using lock = RWLock()
          const [a] = await open(lock)
          const victim = await new Actor(kind).openObject(lock.toJSON())
          await victim.call('use', method)
          await victim.call('use', method)
          const theirs = a.begin('use', 'write.acquire')
          await a.actor.asleep()
          const ours = lock.write.acquireAsync()
          await victim.actor.kill()
          expect(await theirs.done, method).to.equal(true)
          expect(await a.call('use', 'write.ownerDied')).to.equal(false)
          await a.call('use', 'write.release')
          expect(await ours).to.equal(true)
          lock.write.release()
          expect([lock.read.locked, lock.write.locked]).to.deep.equal([false, false])
        }
      })

      deaths(kind)
    })
  }
})

/** What takers meet when a writer was killed. */
function deaths(kind: Kind): void {
  describe('when a writer dies', () => {
    let warnings: ReturnType<typeof collectOwnerDied>
    beforeEach(() => {
      warnings = collectOwnerDied()
    })
    afterEach(() => warnings.stop())

    async function dieWriting(lock: RWLock): Promise<number> {
      const victim = await new Actor(kind).openObject(lock.toJSON())
      await victim.call('use', 'write.acquire')
      const { pid } = await victim.call('whoAmI')
      await victim.actor.kill()
      return pid
    }

    it('the next writer gets it, and is told until it releases', async () => {
      using lock = RWLock()
      const pid = await dieWriting(lock)
      expect(lock.write.locked).to.equal(false)
      expect(lock.write.acquire()).to.equal(true)
      expect(lock.write.ownerDied).to.equal(true)
      lock.write.release()
      expect(lock.write.withLock(() => lock.write.ownerDied)).to.equal(false)
      await idle()
      expect(warnings.messages).to.have.length(1)
      expect(warnings.messages[0]).to.include(`process ${pid} died`)
    })

    it('readers get in, also those that waited for it', async () => {
      using lock = RWLock()
      const victim = await new Actor(kind).openObject(lock.toJSON())
      await victim.call('use', 'write.acquire')
      const waiting = lock.read.acquireAsync()
      await victim.actor.kill()
      expect(await waiting).to.equal(true)
      expect(lock.read.acquire()).to.equal(true)
      lock.read.release()
      lock.read.release()
      expect(lock.write.tryAcquire()).to.equal(true)
      lock.write.release()
    })

    it("'throw' refuses every taker of either half until one recovers it", async () => {
      using lock = RWLock({ onOwnerDied: 'throw' })
      const pid = await dieWriting(lock)
      for (const taking of [
        () => lock.write.acquire(),
        () => lock.write.tryAcquire(),
        () => lock.write.withLock(() => {}),
        () => lock.read.acquire(),
      ])
        expect(thrown(taking)).to.be.instanceOf(OwnerDiedError).and.include({ code: 'ERR_OWNER_DIED', pid })
      expect(await codeRejected(lock.write.acquireAsync())).to.equal('ERR_OWNER_DIED')
      expect(await codeRejected(lock.write.withLockAsync(() => {}))).to.equal('ERR_OWNER_DIED')
      expect(await codeRejected(lock.read.acquireAsync())).to.equal('ERR_OWNER_DIED')
      using again = attach<RWLock>(JSON.stringify(lock))
      expect(
        codeThrown(() => again.write.acquire()),
        'the policy travels',
      ).to.equal('ERR_OWNER_DIED')
      const failure = new Error('not yet')
      expect(
        thrown(() =>
          lock.write.recover(() => {
            throw failure
          }),
        ),
      ).to.equal(failure)
      expect(codeThrown(() => lock.write.acquire())).to.equal('ERR_OWNER_DIED')
      lock.write.recover()
      expect(lock.write.withLock(() => lock.write.ownerDied)).to.equal(false)
      expect(lock.read.withLock(() => 7)).to.equal(7)
      again.write.withLock(() => {})
    })

    it('a function mends, under the lock, before anybody gets in', async () => {
      const name = uniqueName()
      const died: number[] = []
      let fails = 0
      using lock = RWLock({
        name,
        onOwnerDied: (half, { pid }) => {
          if (fails-- > 0) throw new Error('not yet')
          expect(half.locked).to.equal(true)
          died.push(pid)
        },
      })
      const expected = [await dieWriting(lock)]
      expect(lock.write.withLock(() => died.length)).to.equal(1)
      expected.push(await dieWriting(lock))
      expect(lock.read.withLock(() => died.length)).to.equal(2)
      expected.push(await dieWriting(lock))
      fails = 2
      expect(thrown(() => lock.write.acquire()).message).to.equal('not yet')
      expect((await rejected(lock.write.acquireAsync())).message).to.equal('not yet')
      expect(await lock.write.withLockAsync(() => died.length)).to.equal(3)
      expect(died).to.deep.equal(expected)
      lock.unlink()
    })
  })
}
