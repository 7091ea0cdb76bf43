/** Barrier: rounds, indexes, actions, and how it breaks. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, Barrier, BrokenBarrierError, Lock, SharedCTypesError } from '../../lib/index.js'
import { outOfRange, refused, wrongType } from '../fixtures/unit-helpers.js'
import { sharedTests } from '../fixtures/unit-shared.js'
import { Actor, type Remote } from '../helpers/actor.js'
import { untilBusily } from '../helpers/deferred.js'
import { codeRejected, codeThrown, rejected } from '../helpers/errors.js'

const BROKEN = 'ERR_BROKEN_BARRIER'

describe('Barrier', () => {
  sharedTests({
    kind: 'Barrier',
    shown: /0 of 3/,
    make: (named) => Barrier(3, named),
    other: (named) => Lock(named),
    uses: {
      parties: (barrier) => barrier.parties,
      nWaiting: (barrier) => barrier.nWaiting,
      broken: (barrier) => barrier.broken,
      wait: (barrier) => barrier.wait(),
      'wait(0)': (barrier) => barrier.wait(0),
      waitAsync: (barrier) => barrier.waitAsync(),
      abort: (barrier) => barrier.abort(),
      reset: (barrier) => barrier.reset(),
    },
  })

  describe('takes', () => {
    it('a whole number of parties, at least one', () => {
      for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) outOfRange(() => Barrier(bad), '`parties`')
      for (const bad of ['2', null, undefined, 2n, true, {}]) wrongType(() => Barrier(bad as never), '`parties`')
    })

    it('a function as its action', () => {
      for (const action of [5, 'run', {}, null]) wrongType(() => Barrier(2, { action: action as never }), 'action')
    })

    it('a time-out, its own or that of a wait', async () => {
      for (const timeout of [-1, Number.NaN]) outOfRange(() => Barrier(2, { timeout }), 'timeout')
      for (const timeout of ['1', null, 1n]) wrongType(() => Barrier(2, { timeout: timeout as never }), 'timeout')
      using barrier = Barrier(2)
      for (const timeout of [-1, Number.NaN]) {
        outOfRange(() => barrier.wait(timeout), 'timeout')
        expect(await codeRejected(barrier.waitAsync({ timeout }))).to.equal('ERR_OUT_OF_RANGE')
      }
      for (const timeout of ['1', null, 1n] as never[]) {
        wrongType(() => barrier.wait(timeout), 'timeout')
        expect(await codeRejected(barrier.waitAsync({ timeout }))).to.equal('ERR_INVALID_ARG_TYPE')
      }
      expect([barrier.nWaiting, barrier.broken]).to.deep.equal([0, false])
    })

    it('options', () => {
      for (const options of [5, null, 'name']) wrongType(() => Barrier(2, options as never), 'options')
    })
  })

  it('of one party lets it through at once', async () => {
    let actions = 0
    using barrier = Barrier(1, { action: () => actions++ })
    expect(barrier.wait()).to.equal(0)
    expect(barrier.wait(0)).to.equal(0)
    expect(await barrier.waitAsync()).to.equal(0)
    expect(await barrier.waitAsync({ timeout: 0 })).to.equal(0)
    expect([actions, barrier.nWaiting, barrier.broken]).to.deep.equal([4, 0, false])
  })

  it('lets all go when the last comes, each with another index', async () => {
    using barrier = Barrier(4)
    expect(barrier.parties).to.equal(4)
    for (let round = 0; round < 50; round++) {
      const waits = [barrier.waitAsync(), barrier.waitAsync(), barrier.waitAsync()]
      expect(barrier.nWaiting).to.equal(3)
      const last = round % 2 === 0 ? barrier.wait() : await barrier.waitAsync()
      expect([...(await Promise.all(waits)), last].sort()).to.deep.equal([0, 1, 2, 3])
      expect([barrier.nWaiting, barrier.broken]).to.deep.equal([0, false])
    }
  })

  it('starts the next round before those of the last have looked', async () => {
    using barrier = Barrier(2)
    const rounds: Promise<number>[] = []
    for (let round = 0; round < 20; round++) rounds.push(barrier.waitAsync(), barrier.waitAsync())
    const indexes = await Promise.all(rounds)
    expect(indexes.filter((index) => index === 0)).to.have.length(20)
    expect(indexes.filter((index) => index === 1)).to.have.length(20)
  })

  it('shows how many wait, and that it is broken', async () => {
    using barrier = Barrier(3)
    expect(inspect(barrier)).to.match(/^Barrier .*0 of 3/)
    const wait = codeRejected(barrier.waitAsync())
    expect(inspect(barrier)).to.match(/1 of 3/)
    barrier.abort()
    expect(inspect(barrier)).to.match(/broken/)
    await wait
  })

  describe('that runs an action', () => {
    it('runs it once a round, before anybody goes on', async () => {
      const log: string[] = []
      using barrier = Barrier(3, {
        action: () => {
          log.push(`action with ${barrier.nWaiting}`)
        },
      })
      for (let round = 0; round < 5; round++) {
        const waits = [0, 1, 2].map(() => barrier.waitAsync().then(() => log.push('on')))
        await Promise.all(waits)
      }
      expect(log.map((line) => line.replace(/ with \d/, ''))).to.deep.equal(
        Array.from({ length: 5 }, () => ['action', 'on', 'on', 'on']).flat(),
      )
    })

    it('that throws: its party gets the error, the others BrokenBarrierError', async () => {
      const failure = new Error('mine')
      using barrier = Barrier(3, {
        action: () => {
          throw failure
        },
      })
      const errors = await Promise.all([barrier.waitAsync(), barrier.waitAsync(), barrier.waitAsync()].map((each) => rejected(each)))
      expect(errors.filter((error) => error === failure)).to.have.length(1)
      expect(errors.filter((error) => error.code === BROKEN)).to.have.length(2)
      expect(barrier.broken).to.equal(true)
      expect(codeThrown(() => barrier.wait())).to.equal(BROKEN)
      barrier.reset()
      expect(barrier.broken).to.equal(false)
    })

    it('that throws in a blocking wait', () => {
      const failure = new Error('mine')
      using barrier = Barrier(1, {
        action: () => {
          throw failure
        },
      })
      expect(() => barrier.wait()).to.throw(failure)
      expect(barrier.broken).to.equal(true)
    })
  })

  describe('breaks', () => {
    it('when a party runs out of time: it and all others are told', async () => {
      using barrier = Barrier(4)
      const others = [barrier.waitAsync(), barrier.waitAsync({ timeout: 1e9 })].map((each) => rejected(each))
      const error = await rejected(barrier.waitAsync({ timeout: 5 }))
      expect(error).to.be.instanceOf(BrokenBarrierError)
      expect(error).to.be.instanceOf(SharedCTypesError)
      expect(error).to.include({ code: BROKEN, name: 'BrokenBarrierError' })
      for (const other of await Promise.all(others)) expect(other).to.include({ code: BROKEN }).and.not.equal(error)
      expect([barrier.broken, barrier.nWaiting]).to.deep.equal([true, 0])
      expect(codeThrown(() => barrier.wait())).to.equal(BROKEN)
      expect(await codeRejected(barrier.waitAsync())).to.equal(BROKEN)
    })

    it('when a blocking wait runs out of time, also at once', async () => {
      for (const timeout of [0, 5]) {
        using barrier = Barrier(2)
        expect(codeThrown(() => barrier.wait(timeout))).to.equal(BROKEN)
        expect(barrier.broken).to.equal(true)
      }
    })

    it('after the time-out that it was made with, unless a wait has its own', async () => {
      using barrier = Barrier(2, { timeout: 5 })
      expect(codeThrown(() => barrier.wait())).to.equal(BROKEN)
      barrier.reset()
      expect(await codeRejected(barrier.waitAsync())).to.equal(BROKEN)
      barrier.reset()
      const patient = barrier.waitAsync({ timeout: 1e9 })
      expect(barrier.wait()).to.equal(1)
      expect(await patient).to.equal(0)
    })

    it('when it is aborted, and stays so until reset', async () => {
      using barrier = Barrier(3)
      const waits = [barrier.waitAsync(), barrier.waitAsync()].map((each) => codeRejected(each))
      barrier.abort()
      expect(await Promise.all(waits)).to.deep.equal([BROKEN, BROKEN])
      for (let i = 0; i < 2; i++) {
        expect(barrier.broken).to.equal(true)
        refused(() => barrier.wait(0), BROKEN, BrokenBarrierError)
        barrier.abort()
      }
      barrier.reset()
      expect([barrier.broken, barrier.nWaiting]).to.deep.equal([false, 0])
      const again = [barrier.waitAsync(), barrier.waitAsync(), barrier.waitAsync()]
      expect((await Promise.all(again)).sort()).to.deep.equal([0, 1, 2])
    })

    it('for those that wait when it is reset, and is sound for those after them', async () => {
      using barrier = Barrier(2)
      barrier.reset()
      expect(barrier.broken).to.equal(false)
      const wait = codeRejected(barrier.waitAsync())
      barrier.reset()
      const next = [barrier.waitAsync(), barrier.waitAsync()]
      expect(await wait).to.equal(BROKEN)
      expect((await Promise.all(next)).sort()).to.deep.equal([0, 1])
      expect(barrier.broken).to.equal(false)
    })

    it('when a wait is aborted by its signal', async () => {
      using barrier = Barrier(3)
      const controller = new AbortController()
      const reason = new Error('mine')
      const other = codeRejected(barrier.waitAsync())
      const wait = rejected(barrier.waitAsync({ signal: controller.signal }))
      controller.abort(reason)
      expect(await wait).to.equal(reason)
      expect(await other).to.equal(BROKEN)
    })

    it('when one that waits is closed', async () => {
      using barrier = Barrier(3)
      const other = attach<Barrier>(barrier.toJSON())
      const ours = codeRejected(barrier.waitAsync())
      const theirs = codeRejected(other.waitAsync())
      other.close()
      expect(await Promise.all([ours, theirs])).to.deep.equal([BROKEN, 'ERR_CLOSED'])
    })
  })

  for (const kind of ['process', 'worker'] as const) {
    describe(kind === 'process' ? 'across processes' : 'across worker threads', () => {
      let actors: Actor[]
      before(() => {
        actors = [new Actor(kind), new Actor(kind)]
      })
      after(() => Promise.all(actors.map((actor) => actor.kill())))
      const open = async (barrier: Barrier) =>
        (await Promise.all(actors.map((actor) => actor.openObject(barrier.toJSON())))) as [Remote, Remote]

      it('lets all go together, blocking or not, round after round', async () => {
        using barrier = Barrier(3)
        const [a, b] = await open(barrier)
        for (let round = 0; round < 30; round++) {
          const theirs = [a.begin('use', round % 2 ? 'wait' : 'waitAsync'), b.begin('use', round % 3 ? 'wait' : 'waitAsync')]
          const ours = round % 5 === 0 ? barrier.wait() : await barrier.waitAsync()
          const indexes = [...(await Promise.all(theirs.map(({ done }) => done))), ours] as number[]
          expect(indexes.sort()).to.deep.equal([0, 1, 2])
        }
        expect(await a.call('use', 'nWaiting')).to.equal(0)
      })

      it('runs its action where there is one, whoever comes last, before anybody goes on', async () => {
        let actions = 0
        using barrier = Barrier(2, { action: () => actions++ })
        const [a] = await open(barrier)
        // They come last and have no action: we run it.
        const ours = barrier.waitAsync()
        expect(await a.call('use', 'wait')).to.be.oneOf([0, 1])
        expect(actions).to.equal(1)
        await ours
        // We come last.
        const theirs = a.begin('use', 'wait')
        await untilBusily(() => barrier.nWaiting === 1)
        barrier.wait()
        await theirs.done
        expect(actions).to.equal(2)
        // We block, whoever comes last.
        for (let round = 0; round < 10; round++) {
          const either = a.begin('use', 'waitAsync')
          barrier.wait()
          await either.done
          expect(actions).to.equal(3 + round)
        }
      })

      it('breaks for those elsewhere when our action throws', async () => {
        const failure = new Error('mine')
        using barrier = Barrier(3, {
          action: () => {
            throw failure
          },
        })
        const [a, b] = await open(barrier)
        const theirs = [a.begin('use', 'wait'), b.begin('use', 'waitAsync')]
        await untilBusily(() => barrier.nWaiting === 2)
        expect(await rejected(barrier.waitAsync())).to.equal(failure)
        for (const { done } of theirs) expect(await codeRejected(done)).to.equal(BROKEN)
      })

      it('breaks for all when one that waits dies', async () => {
        for (const method of ['wait', 'waitAsync']) {
          using barrier = Barrier(4)
          const [a, b] = await open(barrier)
          const victim = await new Actor(kind).openObject(barrier.toJSON())
          const others = [a.begin('use', 'wait'), b.begin('use', 'waitAsync')]
          await untilBusily(() => barrier.nWaiting === 2)
          victim.begin('use', method)
          await untilBusily(() => barrier.nWaiting === 3)
          await victim.actor.kill()
          for (const { done } of others) expect(await codeRejected(done), method).to.equal(BROKEN)
          expect(await codeRejected(barrier.waitAsync())).to.equal(BROKEN)
          expect(barrier.broken).to.equal(true)
          barrier.reset()
          const again = [a.begin('use', 'wait').done, b.begin('use', 'waitAsync').done, barrier.waitAsync(), barrier.waitAsync()]
          expect(((await Promise.all(again)) as number[]).sort()).to.deep.equal([0, 1, 2, 3])
        }
      })

      it('breaks elsewhere when our time runs out, or we abort or reset it', async () => {
        for (const end of [
          (barrier: Barrier) => codeThrown(() => barrier.wait(1)),
          (barrier: Barrier) => barrier.abort(),
          (barrier: Barrier) => barrier.reset(),
        ]) {
          using barrier = Barrier(4)
          const [a, b] = await open(barrier)
          const theirs = [a.begin('use', 'wait'), b.begin('use', 'waitAsync')]
          await untilBusily(() => barrier.nWaiting === 2)
          end(barrier)
          for (const { done } of theirs) expect(await codeRejected(done)).to.equal(BROKEN)
        }
      })
    })
  }
})
