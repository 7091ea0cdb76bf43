/** The contract of waits within one thread: time-outs, and whom a wake-up goes to. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { idle } from '../helpers/deferred.js'
import { codeRejected, codeThrown } from '../helpers/errors.js'
import { openWaitable, type Waitable } from '../helpers/open-waitable.js'
import type { Fixture } from './wait-contract.js'
import type { WaitSubject } from './wait-subject.js'

const outOfRange: unknown[] = [-1, -0.001, Number.NaN, Number.NEGATIVE_INFINITY]
const notANumber: unknown[] = ['1', null, true, 1n, {}, [5], Symbol('soon'), () => 5]

/** Wakes so many and checks what it says of that, where it says anything. */
export async function wakes(subject: WaitSubject, waitable: Waitable, count: number, woken: number): Promise<void> {
  expect(await waitable.wake(count)).to.equal(subject.counts ? woken : undefined)
}

export function wakingContract(subject: WaitSubject, { current }: Fixture): void {
  /** So many waits, all in line, and the numbers of those that have ended, as they end. */
  async function inLine(waitable: Waitable, count: number): Promise<{ done: Promise<void>[]; ended: number[] }> {
    const ended: number[] = []
    const done: Promise<void>[] = []
    const before = waitable.pending
    for (let i = 0; i < count; i++) {
      done.push(
        waitable.waitAsync().then((woken) => {
          expect(woken).to.equal(true)
          ended.push(i)
        }),
      )
    }
    while (waitable.pending < before + count) await idle()
    return { done, ended }
  }

  describe('waking', () => {
    it('a wait whose time runs out says so', async () => {
      const { waitable } = current()
      for (const timeout of [0, 5, 0.25, Number.MIN_VALUE, -0]) {
        expect(waitable.wait(timeout)).to.equal(false)
        expect(await waitable.waitAsync({ timeout })).to.equal(false)
      }
      expect(waitable.pending).to.equal(0)
      if (subject.counts) expect(await waitable.wake(5)).to.equal(0)
    })

    it('refuses bad time-outs and options, and then nobody waits', async () => {
      const { waitable } = current()
      for (const bad of outOfRange as number[]) {
        expect(
          codeThrown(() => waitable.wait(bad)),
          inspect(bad),
        ).to.equal('ERR_OUT_OF_RANGE')
        expect(await codeRejected(waitable.waitAsync({ timeout: bad })), inspect(bad)).to.equal('ERR_OUT_OF_RANGE')
      }
      for (const bad of notANumber as number[]) {
        expect(
          codeThrown(() => waitable.wait(bad)),
          inspect(bad),
        ).to.equal('ERR_INVALID_ARG_TYPE')
        expect(await codeRejected(waitable.waitAsync({ timeout: bad })), inspect(bad)).to.equal('ERR_INVALID_ARG_TYPE')
      }
      for (const bad of [5, null, 'soon'] as unknown as { timeout: number }[])
        expect(await codeRejected(waitable.waitAsync(bad)), inspect(bad)).to.equal('ERR_INVALID_ARG_TYPE')
      for (const bad of [{}, null, 'abort', new EventTarget()] as unknown as AbortSignal[])
        expect(await codeRejected(waitable.waitAsync({ signal: bad })), inspect(bad)).to.equal('ERR_INVALID_ARG_TYPE')
      if (subject.counts) expect(await waitable.wake(5)).to.equal(0)
    })

    it('takes Infinity and more time than a timer can count', async () => {
      const { waitable } = current()
      const waits = [Number.POSITIVE_INFINITY, Number.MAX_VALUE, 2 ** 31, 1e12].map((timeout) => waitable.waitAsync({ timeout }))
      while (waitable.pending < waits.length) await idle()
      await wakes(subject, waitable, 4, 4)
      expect(await Promise.all(waits)).to.deep.equal([true, true, true, true])
    })

    if (subject.wakes === 'some') {
      it('wakes as many as it is told, those first who came first', async () => {
        const { waitable } = current()
        const { done, ended } = await inLine(waitable, 6)
        await wakes(subject, waitable, 1, 1)
        await done[0]
        await wakes(subject, waitable, 3, 3)
        await done[3]
        await idle()
        expect(ended).to.deep.equal([0, 1, 2, 3])
        expect(waitable.pending).to.equal(2)
        await wakes(subject, waitable, subject.keeps ? 2 : 100, 2)
        await Promise.all(done)
        expect(ended).to.deep.equal([0, 1, 2, 3, 4, 5])
        expect(waitable.wait(0)).to.equal(false)
      })
    } else {
      it('wakes all that wait', async () => {
        const { waitable } = current()
        const { done, ended } = await inLine(waitable, 6)
        await waitable.wake(1)
        await Promise.all(done)
        expect(ended).to.have.length(6)
        expect(waitable.wait(0)).to.equal(false)
      })
    }

    it(subject.keeps ? 'keeps wake-ups that nobody waits for' : 'forgets wake-ups that nobody waits for', async () => {
      const { waitable } = current()
      await wakes(subject, waitable, 1, 0)
      await wakes(subject, waitable, 1, 0)
      for (const expected of [subject.keeps, subject.keeps, false]) expect(waitable.wait(0)).to.equal(expected)
      const { done } = await inLine(waitable, 1)
      await wakes(subject, waitable, 1, 1)
      await Promise.all(done)
    })

    it('gives no wake-up to those whose time ran out', async () => {
      const { waitable } = current()
      const first = await inLine(waitable, 1)
      const late = [waitable.waitAsync({ timeout: 1 }), waitable.waitAsync({ timeout: 2 })]
      while (waitable.pending < 3) await idle()
      const second = await inLine(waitable, 1)
      expect(await Promise.all(late)).to.deep.equal([false, false])
      await wakes(subject, waitable, 2, 2)
      await Promise.all([...first.done, ...second.done])
      expect(waitable.wait(0)).to.equal(false)
    })

    it('serves many waits with and without time-outs and signals, each exactly once', async () => {
      const { waitable } = current()
      const controller = new AbortController()
      const outcomes = { woken: 0, late: 0, aborted: 0 }
      const waits = Array.from({ length: 300 }, async (_, i) => {
        const options = i % 3 === 0 ? {} : i % 3 === 1 ? { signal: controller.signal } : { timeout: 20 + (i % 5) }
        await waitable.waitAsync(options).then(
          (woken) => outcomes[woken ? 'woken' : 'late']++,
          () => outcomes.aborted++,
        )
      })
      while (waitable.pending + outcomes.late < 300) await idle()
      controller.abort()
      await Promise.all(waits.filter((_, i) => i % 3 !== 0))
      await wakes(subject, waitable, 100, 100)
      await Promise.all(waits)
      expect(outcomes).to.deep.equal({ woken: 100, late: 100, aborted: 100 })
      expect(waitable.wait(0)).to.equal(false)
    })

    it('is one line, through however many objects', async () => {
      const { waitable, handle } = current()
      const other = openWaitable(handle)
      const here = await inLine(waitable, 1)
      const there = await inLine(other, 1)
      await wakes(subject, other, 2, 2)
      await Promise.all([...here.done, ...there.done])
      const again = await inLine(other, 2)
      await wakes(subject, waitable, 2, 2)
      await Promise.all(again.done)
      other.close()
    })
  })
}
