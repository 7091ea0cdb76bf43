/** Condition: its lock, predicates, and who is notified. How waits end is in process/waits.test.ts. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, Condition, Event, Lock, NotOwnerError, RLock, Semaphore, Value } from '../../lib/index.js'
import { outOfRange, refused, rejectionOf, wrongType } from '../fixtures/unit-helpers.js'
import { sharedTests } from '../fixtures/unit-shared.js'
import { Actor } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'
import { codeRejected, codeThrown, rejected, thrown } from '../helpers/errors.js'

/** Every use that needs the lock. */
const needy: Record<string, (condition: Condition) => unknown> = {
  wait: (condition) => condition.wait(),
  'wait(0)': (condition) => condition.wait(0),
  waitFor: (condition) => condition.waitFor(() => false),
  notify: (condition) => condition.notify(),
  notifyAll: (condition) => condition.notifyAll(),
  waitAsync: (condition) => condition.waitAsync(),
  waitForAsync: (condition) => condition.waitForAsync(() => false),
}

describe('Condition', () => {
  sharedTests({
    kind: 'Condition',
    shown: /free/,
    make: (named) => Condition(undefined, named),
    other: (named) => Event(named),
    uses: {
      ...needy,
      acquire: (condition) => condition.acquire(),
      tryAcquire: (condition) => condition.tryAcquire(),
      release: (condition) => condition.release(),
      withLock: (condition) => condition.withLock(() => {}),
      hold: (condition) => condition.hold(),
      locked: (condition) => condition.locked,
      acquireAsync: (condition) => condition.acquireAsync(),
      withLockAsync: (condition) => condition.withLockAsync(() => {}),
    },
  })

  describe('takes', () => {
    it('a Lock or an RLock', () => {
      using semaphore = Semaphore()
      using event = Event()
      for (const bad of [5, null, 'lock', {}, semaphore, event, { acquire() {}, release() {} }])
        wrongType(() => Condition(bad as never), '`lock`')
    })

    it('functions as predicates', async () => {
      using condition = Condition()
      for (const bad of [undefined, null, 5, {}, true] as never[]) {
        condition.withLock(() => wrongType(() => condition.waitFor(bad), '`predicate`'))
        expect(await codeRejected(condition.waitForAsync(bad))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      condition.withLock(() => {
        outOfRange(() => condition.waitFor(() => false, -1), 'timeout')
        wrongType(() => condition.waitFor(() => false, '1' as never), 'timeout')
      })
      expect(await codeRejected(condition.waitForAsync(() => false, { timeout: -1 }))).to.equal('ERR_OUT_OF_RANGE')
      expect(await codeRejected(condition.waitForAsync(() => false, { signal: {} as never }))).to.equal('ERR_INVALID_ARG_TYPE')
    })

    it('a whole number of waits to notify', () => {
      using condition = Condition()
      condition.withLock(() => {
        for (const bad of [-1, 1.5, Number.NaN]) outOfRange(() => condition.notify(bad), '`n`')
        for (const bad of ['1', null, 1n, {}]) wrongType(() => condition.notify(bad as never), '`n`')
      })
    })
  })

  describe('needs its lock', () => {
    const makers: Record<string, () => Condition> = {
      'of its own': () => Condition(),
      'a Lock': () => Condition(Lock()),
      'an RLock': () => Condition(RLock()),
    }
    for (const [title, make] of Object.entries(makers)) {
      for (const [name, use] of Object.entries(needy)) {
        it(`to ${name} (${title})`, async () => {
          using condition = make()
          const refusal = async () => {
            try {
              await use(condition)
            } catch (error) {
              return error
            }
            return undefined
          }
          expect(await refusal())
            .to.be.instanceOf(NotOwnerError)
            .and.include({ code: 'ERR_NOT_OWNER' })
          condition.withLock(() => {})
          expect(await refusal()).to.include({ code: 'ERR_NOT_OWNER' })
          expect(condition.locked).to.equal(false)
        })
      }
    }

    it('and not that another has it', async () => {
      using condition = Condition()
      const actor = new Actor('process')
      const there = await actor.openObject(condition.toJSON())
      await there.call('use', 'acquire')
      for (const use of [() => condition.notify(), () => condition.wait(5), () => condition.waitFor(() => true)])
        refused(use, 'ERR_NOT_OWNER')
      expect(await codeRejected(condition.waitAsync())).to.equal('ERR_NOT_OWNER')
      await there.call('use', 'release')
      await actor.kill()
    })

    it('in the flow that uses it', async () => {
      using condition = Condition()
      let release: () => void = () => {}
      const holder = condition.withLockAsync(() => new Promise<void>((resolve) => (release = resolve)))
      await idle()
      for (const use of [() => condition.notify(), () => condition.wait(5)]) refused(use, 'ERR_NOT_OWNER')
      expect(await codeRejected(condition.waitAsync())).to.equal('ERR_NOT_OWNER')
      release()
      await holder
    })
  })

  it('has the methods of its lock', async () => {
    using lock = Lock()
    using condition = Condition(lock)
    expect(condition.acquire()).to.equal(true)
    expect(lock.locked).to.equal(true)
    expect(condition.tryAcquire()).to.equal(false)
    lock.release()
    expect(condition.withLock(() => lock.locked)).to.equal(true)
    expect(await condition.withLockAsync(() => lock.locked)).to.equal(true)
    expect(await condition.acquireAsync()).to.equal(true)
    expect(condition.locked).to.equal(true)
    condition.release()
    {
      using _ = condition.hold()
      expect(lock.owner?.pid).to.equal(process.pid)
    }
    expect(lock.locked).to.equal(false)
  })

  it('shares a lock with others on it, not their waits', async () => {
    using lock = Lock()
    using first = Condition(lock)
    using second = Condition(lock)
    const wait = lock.withLockAsync(() => first.waitAsync())
    while (lock.locked) await idle()
    expect(lock.withLock(() => second.notifyAll())).to.equal(0)
    expect(lock.withLock(() => first.notifyAll())).to.equal(1)
    expect(await wait).to.equal(true)
  })

  it("works on a Value's lock", async () => {
    using value = Value('c_int', 0)
    using condition = Condition(value.getLock())
    const wait = value.withLockAsync(() => condition.waitForAsync(() => value.value === 3))
    for (let i = 0; i < 3; i++) {
      await value.withLockAsync(() => {
        value.value += 1
        condition.notify()
      })
    }
    expect(await wait).to.equal(true)
  })

  describe('lets go of its lock while it waits', () => {
    for (const [title, make, depth] of [
      ['Lock', () => Condition(Lock()), 1],
      ['RLock', () => Condition(), 1],
      ['RLock taken three times', () => Condition(RLock()), 3],
    ] as const) {
      it(`and has it again afterwards: ${title}`, async () => {
        using condition = make()
        const actor = new Actor('process')
        const there = await actor.openObject(condition.toJSON())
        const checkHeld = async () => {
          expect(await there.call('use', 'tryAcquire')).to.equal(false)
          for (let level = 0; level < depth; level++) {
            expect(condition.owner?.pid).to.equal(process.pid)
            condition.release()
          }
          expect(condition.locked).to.equal(false)
          refused(() => condition.release(), 'ERR_NOT_OWNER')
        }
        // Out of time.
        for (let level = 0; level < depth; level++) condition.acquire()
        expect(condition.wait(0)).to.equal(false)
        expect(condition.wait(5)).to.equal(false)
        await checkHeld()
        // Notified: by one who could not have, had we kept it.
        for (let level = 0; level < depth; level++) condition.acquire()
        there.begin('use', 'acquire')
        there.begin('use', 'notify')
        there.begin('use', 'release')
        expect(condition.wait()).to.equal(true)
        await checkHeld()
        await actor.kill()
      })
    }

    it('however deep a flow holds it', async () => {
      using condition = Condition()
      const actor = new Actor('process')
      const there = await actor.openObject(condition.toJSON())
      await condition.withLockAsync(() =>
        condition.withLockAsync(async () => {
          expect(condition.tryAcquire()).to.equal(true)
          expect(await condition.waitAsync({ timeout: 5 })).to.equal(false)
          expect(await there.call('use', 'tryAcquire')).to.equal(false)
          const wait = condition.waitAsync()
          await there.call('use', 'acquire')
          expect(await there.call('use', 'notify')).to.equal(1)
          await there.call('use', 'release')
          expect(await wait).to.equal(true)
          expect(await there.call('use', 'tryAcquire')).to.equal(false)
          condition.release()
          expect(condition.owner?.pid).to.equal(process.pid)
        }),
      )
      expect(condition.locked).to.equal(false)
      await actor.kill()
    })

    it('and has it again when its signal aborts', async () => {
      using condition = Condition()
      const controller = new AbortController()
      const reason = new Error('mine')
      await condition.withLockAsync(async () => {
        const wait = rejected(condition.waitAsync({ signal: controller.signal }))
        controller.abort(reason)
        expect(await wait).to.equal(reason)
        expect(condition.owner?.pid).to.equal(process.pid)
        expect(condition.notify()).to.equal(0)
        expect((await rejectionOf(condition.waitForAsync(() => false, { signal: controller.signal }))).message).to.equal('mine')
      })
      expect(condition.locked).to.equal(false)
    })

    it('and waits for it when it was notified', async () => {
      using condition = Condition()
      const log: string[] = []
      const wait = condition.withLockAsync(async () => {
        await condition.waitAsync()
        log.push('woken')
      })
      while (condition.locked) await idle()
      await condition.withLockAsync(async () => {
        expect(condition.notify()).to.equal(1)
        for (let i = 0; i < 3; i++) await idle()
        log.push('released')
      })
      await wait
      expect(log).to.deep.equal(['released', 'woken'])
    })
  })

  describe('waitFor', () => {
    it('gives the last value of its predicate, which runs under the lock', () => {
      using condition = Condition()
      let calls = 0
      const predicate =
        <T>(result: T) =>
        () => {
          calls++
          expect(condition.owner?.pid).to.equal(process.pid)
          return result
        }
      condition.withLock(() => {
        expect(condition.waitFor(predicate('yes'))).to.equal('yes')
        expect(condition.waitFor(predicate(7), 0)).to.equal(7)
        expect(calls).to.equal(2)
        for (const falsy of [0, '', null, undefined, false]) {
          expect(condition.waitFor(predicate(falsy), 0)).to.equal(falsy)
          expect(condition.waitFor(predicate(falsy), 5)).to.equal(falsy)
        }
      })
      expect(condition.locked).to.equal(false)
    })

    it('waits until it is true, however often it is notified in vain', async () => {
      using condition = Condition()
      const wanted = 10
      let count = 0
      let calls = 0
      const wait = condition.withLockAsync(() =>
        condition.waitForAsync(async () => {
          calls++
          await undefined
          return count === wanted && 'full'
        }),
      )
      while (condition.locked) await idle()
      for (let i = 0; i < wanted; i++) {
        await condition.withLockAsync(() => {
          count++
          condition.notify()
        })
        while (calls < i + 2) await idle()
      }
      expect(await wait).to.equal('full')
      expect(calls).to.equal(wanted + 1)
    })

    it('passes on what its predicate throws, holding the lock', async () => {
      using condition = Condition()
      const failure = new Error('mine')
      const fails = () => {
        throw failure
      }
      condition.withLock(() => {
        expect(thrown(() => condition.waitFor(fails))).to.equal(failure)
        expect(condition.owner?.pid).to.equal(process.pid)
      })
      await condition.withLockAsync(async () => {
        expect(await rejected(condition.waitForAsync(fails))).to.equal(failure)
        expect(await rejected(condition.waitForAsync(async () => fails()))).to.equal(failure)
        expect(condition.owner?.pid).to.equal(process.pid)
      })
    })

    it('runs out of time over all its waits', async () => {
      using condition = Condition()
      let over = false
      const wait = condition
        .withLockAsync(() => condition.waitForAsync(() => 0, { timeout: 30 }))
        .then((result) => {
          over = true
          return result
        })
      while (!over) {
        await condition.withLockAsync(() => condition.notify())
        await idle()
      }
      expect(await wait).to.equal(0)
    })
  })

  describe('notify', () => {
    it('wakes nobody by default but one, of those who wait', async () => {
      using condition = Condition()
      const woken: number[] = []
      const waits = [0, 1, 2].map((i) =>
        condition.withLockAsync(async () => {
          await condition.waitAsync()
          woken.push(i)
        }),
      )
      while (condition.locked) await idle()
      await condition.withLockAsync(() => expect(condition.notify()).to.equal(1))
      await waits[0]
      await idle()
      expect(woken).to.deep.equal([0])
      await condition.withLockAsync(() => {
        expect(condition.notify(0)).to.equal(0)
        expect(condition.notify(1)).to.equal(1)
        expect(condition.notifyAll()).to.equal(1)
        expect(condition.notifyAll()).to.equal(0)
        expect(condition.notify(Number.POSITIVE_INFINITY)).to.equal(0)
      })
      await Promise.all(waits)
      expect(woken).to.deep.equal([0, 1, 2])
    })

    it('passes work between producers and consumers, none of it lost or done twice', async () => {
      using condition = Condition()
      const queue: number[] = []
      const done: number[] = []
      const TOTAL = 300
      const consumer = async () => {
        while (done.length < TOTAL) {
          await condition.withLockAsync(async () => {
            await condition.waitForAsync(() => queue.length > 0 || done.length >= TOTAL)
            const next = queue.shift()
            if (next !== undefined) done.push(next)
            if (done.length >= TOTAL) condition.notifyAll()
          })
        }
      }
      const consumers = [consumer(), consumer(), consumer()]
      for (let i = 0; i < TOTAL; i++) {
        await condition.withLockAsync(() => {
          queue.push(i)
          condition.notify()
        })
      }
      await Promise.all(consumers)
      expect(done).to.deep.equal(Array.from({ length: TOTAL }, (_, i) => i))
    })
  })

  it('shows who holds its lock', () => {
    using condition = Condition()
    expect(inspect(condition)).to.match(/^Condition .*free/)
    condition.withLock(() => expect(inspect(condition)).to.include(`process ${process.pid}`))
  })

  it('is the same through its handle, with the lock it was given', async () => {
    for (const lock of [undefined, Lock(), RLock()]) {
      const condition = Condition(lock)
      const again = attach<Condition>(JSON.stringify(condition))
      again.withLock(() => {
        expect(condition.locked).to.equal(true)
        if (lock !== undefined) expect(lock.locked).to.equal(true)
      })
      const wait = condition.withLockAsync(() => condition.waitAsync())
      while (condition.locked) await idle()
      expect(again.withLock(() => again.notify())).to.equal(1)
      expect(await wait).to.equal(true)
      again.close()
      condition.close()
      lock?.withLock(() => {}) // whose it is does not end with the condition
      lock?.close()
    }
  })

  it('is not closed while this thread holds its own lock', () => {
    const condition = Condition()
    condition.acquire()
    expect(codeThrown(() => condition.close())).to.equal('ERR_DEADLOCK')
    condition.release()
    condition.close()
  })
})
