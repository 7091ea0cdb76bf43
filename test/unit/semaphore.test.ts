/** Semaphore and BoundedSemaphore: permits, and whose they are. How waits end is in process/waits.test.ts. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, BoundedSemaphore, OverReleaseError, Semaphore, SharedCTypesError } from '../../lib/index.js'
import { outOfRange, refused, removeNames, semPath, thrownBy, uniqueName, wrongType } from '../fixtures/unit-helpers.js'
import { sharedTests } from '../fixtures/unit-shared.js'
import { Actor, type Remote } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'
import { codeRejected } from '../helpers/errors.js'

const MOST = 2 ** 31 - 1

const classes = { Semaphore, BoundedSemaphore }

for (const [title, make] of Object.entries(classes)) {
  describe(title, () => {
    sharedTests<Semaphore>({
      kind: title,
      shown: /3\b/,
      path: semPath,
      make: (named) => make(3, named),
      uses: {
        value: (semaphore) => semaphore.value,
        acquire: (semaphore) => semaphore.acquire(),
        'acquire(0)': (semaphore) => semaphore.acquire(0),
        tryAcquire: (semaphore) => semaphore.tryAcquire(),
        release: (semaphore) => semaphore.release(),
        'release(2)': (semaphore) => semaphore.release(2),
        withPermit: (semaphore) => semaphore.withPermit(() => {}),
        hold: (semaphore) => semaphore.hold(),
        acquireAsync: (semaphore) => semaphore.acquireAsync(),
        withPermitAsync: (semaphore) => semaphore.withPermitAsync(() => {}),
      },
    })

    it('takes a whole number of permits, none or more', () => {
      for (const bad of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MOST + 1]) outOfRange(() => make(bad), '`value`')
      for (const bad of ['1', null, 1n, true, {}]) wrongType(() => make(bad as never), '`value`')
      for (const good of [0, 1, MOST]) {
        using semaphore = make(good)
        expect(semaphore.value).to.equal(good)
      }
      using one = make()
      expect(one.value).to.equal(1)
    })

    it('counts its permits', () => {
      using semaphore = make(3)
      for (const left of [2, 1, 0]) {
        expect(semaphore.acquire()).to.equal(true)
        expect(semaphore.value).to.equal(left)
      }
      expect(semaphore.tryAcquire()).to.equal(false)
      expect(semaphore.acquire(0)).to.equal(false)
      expect(semaphore.acquire(5)).to.equal(false)
      semaphore.release()
      expect(semaphore.value).to.equal(1)
      semaphore.release(2)
      expect(semaphore.value).to.equal(3)
    })

    it('releases a whole number of permits, at least one', () => {
      using semaphore = make(3)
      semaphore.acquire()
      for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) outOfRange(() => semaphore.release(bad), '`n`')
      for (const bad of ['1', null, 1n, true, {}]) wrongType(() => semaphore.release(bad as never), '`n`')
      expect(semaphore.value).to.equal(2)
      semaphore.release(undefined)
      expect(semaphore.value).to.equal(3)
    })

    it('releases no more than there can be, and then changes nothing', () => {
      using semaphore = make(MOST)
      const over = (n?: number) => refused(() => semaphore.release(n), 'ERR_OVER_RELEASE', OverReleaseError)
      expect(over()).to.be.instanceOf(SharedCTypesError)
      over(MOST)
      over(2 ** 40)
      expect(semaphore.value).to.equal(MOST)
      semaphore.acquire()
      over(2)
      expect(semaphore.value).to.equal(MOST - 1)
      semaphore.release()
      over()
      expect(semaphore.value).to.equal(MOST)
    })

    it('lets as many in as it has permits', async () => {
      using semaphore = make(3)
      let inside = 0
      let most = 0
      const flow = async () => {
        await semaphore.withPermitAsync(async () => {
          most = Math.max(most, ++inside)
          expect(semaphore.value).to.be.at.most(3 - inside)
          await idle()
          inside--
        })
      }
      await Promise.all(Array.from({ length: 40 }, flow))
      expect(most).to.equal(3)
      expect(semaphore.value).to.equal(3)
    })

    it('lets exactly as many go on as are released at once', async () => {
      using semaphore = make(4)
      for (let i = 0; i < 4; i++) semaphore.acquire()
      const gone: number[] = []
      const waits = Array.from({ length: 4 }, (_, i) => semaphore.acquireAsync().then(() => gone.push(i)))
      semaphore.release(3)
      await Promise.all(waits.slice(0, 3))
      await idle()
      expect(gone).to.deep.equal([0, 1, 2])
      expect(semaphore.value).to.equal(0)
      semaphore.release()
      await waits[3]
      semaphore.release(4)
      expect(semaphore.value).to.equal(4)
    })

    it('loses no permit to a signal or a time-out that comes together with it', async () => {
      using semaphore = make(1)
      for (let round = 0; round < 200; round++) {
        semaphore.acquire()
        const controller = new AbortController()
        const options = round % 2 === 0 ? { signal: controller.signal } : { timeout: 1 }
        const wait = semaphore.acquireAsync(options).catch(() => false)
        if (round % 3 === 0) await idle()
        semaphore.release()
        controller.abort()
        if (await wait) semaphore.release()
        expect(semaphore.value).to.equal(1)
      }
    })

    it('shows how many permits are free', () => {
      using semaphore = make(2)
      const full = inspect(semaphore)
      semaphore.acquire()
      expect(inspect(semaphore)).to.match(/1/).and.not.equal(full)
      semaphore.release()
      expect(inspect(semaphore)).to.equal(full)
    })

    it('is the same through its handle', () => {
      using semaphore = make(2)
      using again = attach<Semaphore>(JSON.stringify(semaphore))
      again.acquire()
      expect(semaphore.value).to.equal(1)
      semaphore.release()
      expect(again.value).to.equal(2)
    })

    describe('with a name', () => {
      afterEach(removeNames)

      it('has the value that it was made with, whoever opens it with another', () => {
        const name = uniqueName()
        using first = make(3, { name })
        using second = make(1, { name })
        expect(second.value).to.equal(3)
        second.acquire()
        expect(first.value).to.equal(2)
        second.release()
      })

      it('is checked before anything is made', () => {
        const name = uniqueName()
        outOfRange(() => make(-1, { name }), '`value`')
        refused(() => make(1, { name, create: false }), 'ENOENT')
      })
    })
  })
}

describe('BoundedSemaphore', () => {
  it('has no more permits than at first', () => {
    using semaphore = BoundedSemaphore(3)
    const over = (n?: number) => refused(() => semaphore.release(n), 'ERR_OVER_RELEASE', OverReleaseError)
    over()
    over(2)
    semaphore.acquire()
    semaphore.acquire()
    over(3)
    expect(semaphore.value).to.equal(1)
    semaphore.release(2)
    over()
    expect(semaphore.value).to.equal(3)
  })

  it('of no permits has none ever', () => {
    using semaphore = BoundedSemaphore(0)
    refused(() => semaphore.release(), 'ERR_OVER_RELEASE')
    expect(semaphore.tryAcquire()).to.equal(false)
  })

  it('knows its bound through a handle and by name', () => {
    const name = uniqueName()
    using semaphore = BoundedSemaphore(2, { name })
    using byHandle = attach<BoundedSemaphore>(JSON.stringify(semaphore))
    using byName = BoundedSemaphore(9, { name, create: false })
    for (const each of [semaphore, byHandle, byName]) refused(() => each.release(), 'ERR_OVER_RELEASE')
    expect(semaphore.value).to.equal(2)
    removeNames()
  })

  it('is no Semaphore, even under its name', () => {
    const name = uniqueName()
    using _bounded = BoundedSemaphore(2, { name })
    expect(thrownBy(() => Semaphore(2, { name })).code).to.equal('ERR_TYPE_MISMATCH')
    removeNames()
  })
})

describe('permits', () => {
  let actor: Actor
  before(() => {
    actor = new Actor('process')
  })
  after(() => actor.kill())

  /** A process that holds so many permits. */
  async function holder(semaphore: Semaphore, permits: number): Promise<Remote> {
    const there = await new Actor('process').openObject(semaphore.toJSON())
    for (let i = 0; i < permits; i++) await there.call('use', 'acquire')
    return there
  }

  for (const named of [false, true]) {
    describe(named ? 'of a named semaphore' : 'of an anonymous semaphore', () => {
      afterEach(removeNames)
      const make = (value: number) => Semaphore(value, named ? { name: uniqueName() } : undefined)

      it('of a killed process come back, those alone', async () => {
        using semaphore = make(5)
        semaphore.acquire()
        const there = await holder(semaphore, 3)
        expect(semaphore.value).to.equal(1)
        await there.actor.kill()
        expect(semaphore.value).to.equal(4)
        for (let i = 0; i < 4; i++) expect(semaphore.tryAcquire()).to.equal(true)
        expect(semaphore.tryAcquire()).to.equal(false)
      })

      it('are given back by their own process first', async () => {
        using semaphore = make(2)
        semaphore.acquire()
        const there = await holder(semaphore, 1)
        semaphore.release() // ours
        expect(semaphore.value).to.equal(1)
        await there.actor.kill()
        expect(semaphore.value).to.equal(2)
      })

      it('may be given back by a process that holds none, for one that does', async () => {
        using semaphore = make(3)
        const there = await holder(semaphore, 2)
        semaphore.release() // theirs
        expect(semaphore.value).to.equal(2)
        await there.actor.kill()
        expect(semaphore.value).to.equal(3)
      })

      it('are more than at first when nobody held what is released', async () => {
        using semaphore = make(1)
        semaphore.release()
        semaphore.release(3)
        expect(semaphore.value).to.equal(5)
        const there = await holder(semaphore, 5)
        expect(semaphore.tryAcquire()).to.equal(false)
        await there.actor.kill()
        expect(semaphore.value).to.equal(5)
      })

      it('of many dead processes come back together', async () => {
        using semaphore = make(12)
        const holders = await Promise.all([1, 2, 3, 4].map((permits) => holder(semaphore, permits)))
        expect(semaphore.value).to.equal(2)
        await Promise.all(holders.map((each) => each.actor.kill()))
        for (let i = 0; i < 12; i++) expect(semaphore.tryAcquire()).to.equal(true)
        expect(semaphore.tryAcquire()).to.equal(false)
      })

      it('of a dead process wake those who wait, blocking or not, here and elsewhere', async () => {
        using semaphore = make(3)
        const dying = await holder(semaphore, 3)
        const there = await actor.openObject(semaphore.toJSON())
        const theirs = there.begin('use', 'acquire')
        await actor.asleep()
        const ours = [semaphore.acquireAsync(), semaphore.acquireAsync()]
        await dying.actor.kill()
        expect(await Promise.all([...ours, theirs.done])).to.deep.equal([true, true, true])
        expect(semaphore.tryAcquire()).to.equal(false)
        await there.call('use', 'release')
        semaphore.release(2)
        expect(semaphore.value).to.equal(3)
        await there.call('use', 'close')
      })
    })
  }

  it('of a bounded semaphore, given back for another, are not given back twice', async () => {
    using semaphore = BoundedSemaphore(1)
    const there = await actor.openObject(semaphore.toJSON())
    await there.call('use', 'acquire')
    semaphore.release()
    expect(await codeRejected(there.call('use', 'release'))).to.equal('ERR_OVER_RELEASE')
    expect(semaphore.value).to.equal(1)
    await there.call('use', 'close')
  })

  it('are not shared out twice among processes and threads', async () => {
    using semaphore = Semaphore(7)
    const actors = [new Actor('process'), new Actor('worker'), actor]
    const parties = await Promise.all(actors.map((each) => each.openObject(semaphore.toJSON())))
    const taken = await Promise.all(
      parties.map(async (there) => {
        let count = 0
        while (await there.call('use', 'tryAcquire')) count++
        return count
      }),
    )
    expect(taken.reduce((sum, each) => sum + each, 0)).to.equal(7)
    expect(semaphore.value).to.equal(0)
    await Promise.all(actors.slice(0, 2).map((each) => each.kill()))
  })
})
