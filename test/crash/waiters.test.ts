/** Kills among many that wait: each death passes the lock on, and a dead waiter is in nobody's way. */
import { expect } from 'chai'
import { Lock, RLock } from '../../lib/index.js'
import { Actor, type Begun, type RemoteLock } from '../helpers/actor.js'
import { collectOwnerDied } from '../helpers/warnings.js'

interface Waiter {
  readonly there: RemoteLock
  readonly wait: Begun<boolean>
  readonly name: string
}

for (const [title, make] of [
  ['Lock', Lock],
  ['RLock', RLock],
] as const) {
  describe(`processes that wait for a ${title}`, () => {
    let warnings: ReturnType<typeof collectOwnerDied>
    before(() => {
      warnings = collectOwnerDied()
    })
    after(() => warnings.stop())

    /** Three processes that block, and three that wait asynchronously, with so many waits each. */
    async function waiters(lock: Lock, waitsEach: number): Promise<Waiter[]> {
      const kinds = ['acquire', 'acquire', 'acquire', 'acquireAsync', 'acquireAsync', 'acquireAsync'] as const
      return Promise.all(
        kinds.map(async (operation, i) => {
          const there = await new Actor('process').open(lock.toJSON())
          const wait = there.begin(operation)
          await wait.begun
          if (operation === 'acquireAsync') for (let more = 1; more < waitsEach; more++) await there.begin(operation).begun
          return { there, wait, name: `${operation} ${i}` }
        }),
      )
    }

    const nextHolder = (waiting: Waiter[]) => Promise.race(waiting.map((each) => each.wait.done.then(() => each)))

    it('inherit it from one killed holder after another, each told of the death before', async () => {
      const lock = make()
      lock.acquire()
      let left = await waiters(lock, 2)
      lock.release()
      for (let deaths = 0; left.length > 0; deaths++) {
        const holder = await nextHolder(left)
        expect(await holder.wait.done).to.equal(true)
        expect(await holder.there.call('ownerDied'), holder.name).to.equal(deaths > 0)
        expect(lock.owner?.pid).to.equal((await holder.there.call('whoAmI')).pid)
        left = left.filter((each) => each !== holder)
        await holder.there.actor.kill()
      }
      expect(lock.acquire()).to.equal(true)
      expect(lock.ownerDied).to.equal(true)
      lock.release()
      lock.close()
    })

    it('get it when those before them in line are killed while they wait', async () => {
      const lock = make()
      lock.acquire()
      const all = await waiters(lock, 1)
      const survivors = all.filter((_, i) => i === 2 || i === 5)
      await Promise.all(all.filter((each) => !survivors.includes(each)).map((each) => each.there.actor.kill()))
      lock.release()
      for (let left = survivors; left.length > 0; ) {
        const holder = await nextHolder(left)
        expect(await holder.there.call('ownerDied'), 'nobody died holding it').to.equal(false)
        await holder.there.call('release')
        left = left.filter((each) => each !== holder)
      }
      await Promise.all(survivors.map((each) => each.there.actor.kill()))
      expect(lock.locked).to.equal(false)
      lock.close()
    })
  })
}
