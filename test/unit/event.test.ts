/** Event: set, clear, and who is woken. How waits end is in process/waits.test.ts. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, Event, Lock } from '../../lib/index.js'
import { sharedTests } from '../fixtures/unit-shared.js'
import { Actor, type Remote } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'

describe('Event', () => {
  sharedTests({
    kind: 'Event',
    shown: /clear|not set|unset/,
    make: (named) => Event(named),
    other: (named) => Lock(named),
    uses: {
      isSet: (event) => event.isSet,
      set: (event) => event.set(),
      clear: (event) => event.clear(),
      wait: (event) => event.wait(),
      'wait(0)': (event) => event.wait(0),
      waitAsync: (event) => event.waitAsync(),
    },
  })

  it('is clear at first; set and clear can be repeated', () => {
    using event = Event()
    expect(event.isSet).to.equal(false)
    for (let round = 0; round < 3; round++) {
      event.set()
      event.set()
      expect(event.isSet).to.equal(true)
      event.clear()
      event.clear()
      expect(event.isSet).to.equal(false)
    }
  })

  it('lets everybody through while it is set', async () => {
    using event = Event()
    event.set()
    for (const timeout of [undefined, 0, 5, Number.POSITIVE_INFINITY]) {
      expect(event.wait(timeout)).to.equal(true)
      expect(await event.waitAsync({ timeout })).to.equal(true)
    }
    event.clear()
    expect(event.wait(0)).to.equal(false)
    expect(await event.waitAsync({ timeout: 0 })).to.equal(false)
  })

  it('refuses an aborted signal even while it is set', async () => {
    using event = Event()
    event.set()
    const reason = new Error('mine')
    expect(await event.waitAsync({ signal: AbortSignal.abort(reason) }).catch((error: unknown) => error)).to.equal(reason)
  })

  it('wakes all that wait when it is set and cleared at once, and nobody who comes later', async () => {
    using event = Event()
    const waits = Array.from({ length: 50 }, () => event.waitAsync())
    event.set()
    event.clear()
    const later = event.waitAsync()
    expect(await Promise.all(waits)).to.deep.equal(waits.map(() => true))
    await idle()
    expect(await event.waitAsync({ timeout: 1 })).to.equal(false)
    event.set()
    expect(await later).to.equal(true)
  })

  it('tells one generation from the next', async () => {
    using event = Event()
    for (let round = 0; round < 100; round++) {
      const wait = event.waitAsync()
      event.set()
      event.clear()
      expect(await wait).to.equal(true)
      expect(event.wait(0)).to.equal(false)
    }
  })

  it('shows whether it is set', () => {
    using event = Event()
    const clear = inspect(event)
    event.set()
    expect(inspect(event))
      .to.match(/^Event .*set/)
      .and.not.equal(clear)
    event.clear()
    expect(inspect(event)).to.equal(clear)
  })

  it('is the same through its handle', () => {
    using event = Event()
    using again = attach<Event>(JSON.stringify(event))
    again.set()
    expect(event.isSet).to.equal(true)
    event.clear()
    expect(again.isSet).to.equal(false)
  })

  for (const kind of ['process', 'worker'] as const) {
    describe(kind === 'process' ? 'across processes' : 'across worker threads', () => {
      let actors: Actor[]
      let parties: Remote[]
      before(() => {
        actors = Array.from({ length: 3 }, () => new Actor(kind))
      })
      after(() => Promise.all(actors.map((actor) => actor.kill())))
      const open = async (event: Event) => {
        parties = await Promise.all(actors.map((actor) => actor.openObject(event.toJSON())))
      }

      it('is seen at once', async () => {
        using event = Event()
        await open(event)
        const [there] = parties as [Remote]
        event.set()
        expect(await there.call('use', 'isSet')).to.equal(true)
        expect(await there.call('use', 'wait')).to.equal(true)
        await there.call('use', 'clear')
        expect(event.isSet).to.equal(false)
        await there.call('use', 'set')
        expect(event.wait()).to.equal(true)
      })

      it('wakes all that block when it is set and cleared at once', async () => {
        using event = Event()
        await open(event)
        const waits = parties.map((each) => each.begin('use', 'wait'))
        await Promise.all(actors.map((actor) => actor.asleep()))
        event.set()
        event.clear()
        expect(await Promise.all(waits.map(({ done }) => done))).to.deep.equal([true, true, true])
        expect(event.isSet).to.equal(false)
      })

      it('wakes all, round after round, with no time for them to look', async () => {
        using event = Event()
        await open(event)
        for (let round = 0; round < 30; round++) {
          const waits = parties.map((each, i) => each.begin('use', i === 0 ? 'waitAsync' : 'wait'))
          await Promise.all(waits.map(({ begun }) => begun))
          await Promise.all(actors.slice(1).map((actor) => actor.asleep()))
          await parties[0]?.call('whoAmI') // it answers when its wait is in line
          for (let pulse = 0; pulse < 3; pulse++) {
            event.set()
            event.clear()
          }
          expect(await Promise.all(waits.map(({ done }) => done))).to.deep.equal([true, true, true])
        }
      })
    })
  }
})
