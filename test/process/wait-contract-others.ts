/** The contract of waits between processes, and between worker threads: we and parties that do what they are told. */
import { expect } from 'chai'
import { Actor, type Begun, type Kind, type Remote } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'
import { codeRejected } from '../helpers/errors.js'
import type { Fixture, Parties } from './wait-contract.js'
import { wakes } from './wait-contract-waking.js'
import type { WaitSubject } from './wait-subject.js'

/** Some that wait, in order of arrival, and what became of them. */
class Line {
  readonly ended: string[] = []
  readonly #all: Promise<void>[] = []

  add(name: string, wait: Promise<boolean>): void {
    const end = wait.then((woken) => {
      expect(woken, name).to.equal(true)
      this.ended.push(name)
    })
    end.catch(() => {}) // `all` or the test's end tells
    this.#all.push(end)
  }

  /** Resolves once so many have ended. */
  async reach(count: number): Promise<void> {
    while (this.ended.length < count) await Promise.race([idle(), Promise.all(this.#all)])
  }
}

/** Has a party wait, blocking, and comes back when it does. */
async function blocks(there: Remote): Promise<Begun<boolean>> {
  const wait = there.begin('wait')
  await wait.begun
  await there.actor.asleep()
  return wait
}

/** Has a party wait without blocking, and comes back when it does. `nth`: how many such waits it has by then. */
async function waits(there: Remote, nth = 1): Promise<Begun<boolean>> {
  const wait = there.begin('waitAsync')
  await there.call('inLine', nth)
  return wait
}

export function othersContract(subject: WaitSubject, { current }: Fixture, kind: Kind, parties: Parties): void {
  describe(kind === 'process' ? 'across processes' : 'across worker threads', () => {
    let a: Remote
    let b: Remote
    let c: Remote
    let d: Remote
    beforeEach(async () => {
      const { handle } = current()
      ;[a, b, c, d] = (await Promise.all(parties(kind).map((actor) => actor.openWaitable(handle)))) as [Remote, Remote, Remote, Remote]
    })
    afterEach(function () {
      // After a failed test a party may still stand in a wait.
      if (this.currentTest?.state === 'failed') return undefined
      return Promise.all([a, b, c, d].map((each) => each.call('closeWaitable')))
    })

    let spare: Actor
    before(() => {
      spare = new Actor(kind)
    })
    after(() => spare.kill())
    /** A new party; the one after it starts in the meantime. */
    const newParty = () => {
      const party = spare
      spare = new Actor(kind)
      return party.openWaitable(current().handle)
    }

    const counted = (woken: number) => (subject.counts ? woken : undefined)
    /** Of ours: a wait that is in line when this comes back. */
    const ours = async () => {
      const { waitable } = current()
      const before = waitable.pending
      const wait = waitable.waitAsync()
      while (waitable.pending === before) await idle()
      return { wait }
    }

    it('ends a blocking wait of ours', async () => {
      const { waitable } = current()
      const woken = a.begin('wakeOne')
      expect(waitable.wait()).to.equal(true) // this thread stands still until then
      await woken.done
    })

    it('ends blocking waits of theirs', async () => {
      const { waitable } = current()
      const wait = await blocks(a)
      await wakes(subject, waitable, 1, 1)
      expect(await wait.done).to.equal(true)
    })

    it('ends asynchronous waits of ours', async () => {
      const { wait } = await ours()
      expect(await a.call('wake', 1)).to.equal(counted(1))
      expect(await wait).to.equal(true)
    })

    it('ends asynchronous waits of theirs', async () => {
      const { waitable } = current()
      const theirs = [await waits(a, 1), await waits(a, 2)]
      await wakes(subject, waitable, 2, 2)
      for (const { done } of theirs) expect(await done).to.equal(true)
    })

    it('tells them when time runs out, and then they are gone from the line', async () => {
      const { waitable } = current()
      expect(await a.call('wait', 5)).to.equal(false)
      expect(await a.call('wait', 0)).to.equal(false)
      expect(await a.call('waitAsync', 5)).to.equal(false)
      expect(await a.call('waitAsync', 0)).to.equal(false)
      if (subject.counts) expect(await waitable.wake(9)).to.equal(0)
    })

    it('wakes exactly as many as it says, blocking or not, all in one line', async () => {
      const { waitable } = current()
      const line = new Line()
      line.add('a blocks', (await blocks(a)).done)
      line.add('we wait', (await ours()).wait)
      line.add('c waits', (await waits(c)).done)
      line.add('b blocks', (await blocks(b)).done)
      line.add('d waits', (await waits(d)).done)
      line.add('d waits again', (await waits(d, 2)).done)
      if (subject.wakes === 'all') {
        await waitable.wake(1)
        await line.reach(6)
      } else {
        await wakes(subject, waitable, 1, 1)
        await line.reach(1)
        await wakes(subject, waitable, 2, 2)
        await line.reach(3)
        for (const each of [c, d]) await each.call('inLine', 0) // whoever was woken in vain would have said so by now
        await idle()
        expect(line.ended).to.have.length(3)
        await wakes(subject, waitable, subject.keeps ? 3 : 100, 3)
        await line.reach(6)
      }
      if (subject.fair) {
        expect(line.ended[0]).to.equal('a blocks')
        expect(line.ended.slice(1, 3)).to.have.members(['we wait', 'c waits'])
      }
      expect(line.ended).to.have.members(['a blocks', 'we wait', 'c waits', 'b blocks', 'd waits', 'd waits again'])
      expect(waitable.wait(0)).to.equal(false)
    })

    it('gives no wake-up to those that died waiting', async () => {
      const { waitable } = current()
      const [blocked, waiting] = await Promise.all([newParty(), newParty()])
      await blocks(blocked)
      await waits(waiting, 1)
      await waits(waiting, 2)
      const first = await blocks(a)
      const second = await ours()
      await Promise.all([blocked.actor.kill(), waiting.actor.kill()])
      if (subject.wakes === 'some') {
        await wakes(subject, waitable, 1, 1)
        expect(subject.fair ? await first.done : await Promise.race([first.done, second.wait])).to.equal(true)
      }
      await wakes(subject, waitable, subject.keeps ? 1 : 9, 1)
      expect(await Promise.all([first.done, second.wait])).to.deep.equal([true, true])
      expect(waitable.wait(0)).to.equal(false)
    })

    it('gives no wake-up to one that ended with a wait pending', async () => {
      const { waitable } = current()
      const leaving = await newParty()
      await waits(leaving)
      const second = await ours()
      await leaving.actor.exit()
      await wakes(subject, waitable, 1, 1)
      expect(await second.wait).to.equal(true)
      expect(waitable.wait(0)).to.equal(false)
    })

    it('closing there rejects their waits, and leaves ours', async () => {
      const { waitable } = current()
      const party = await newParty()
      const theirs = await waits(party)
      const { wait } = await ours()
      await party.call('closeWaitable')
      expect(await codeRejected(theirs.done)).to.equal('ERR_CLOSED')
      await wakes(subject, waitable, 1, 1)
      expect(await wait).to.equal(true)
      expect(waitable.wait(0)).to.equal(false)
      await party.actor.kill()
    })

    it('loses none of hundreds of wake-ups, and makes none up', async () => {
      const { waitable } = current()
      const times = 100
      const mixes = [['sync'], ['async'], ['sync', 'async'], ['async', 'async', 'sync']] as const
      let left = mixes.length
      const all = [a, b, c, d].map((each, i) =>
        each.call('waits', times, mixes[i] as (typeof mixes)[number]).then((woken) => {
          left--
          return woken
        }),
      )
      let woken = 0
      if (subject.keeps) await waitable.wake(4 * times)
      else
        while (left > 0) {
          woken += (await waitable.wake(3)) ?? 0
          await new Promise((resolve) => setImmediate(resolve))
        }
      expect(await Promise.all(all)).to.deep.equal([times, times, times, times])
      if (subject.counts) expect(woken).to.equal(4 * times)
      expect(waitable.wait(0)).to.equal(false)
    })
  })
}
