/** The contract of waits for their other ends: signals, and closing. */
import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { idle } from '../helpers/deferred.js'
import { codeRejected, codeThrown, rejected } from '../helpers/errors.js'
import { openWaitable } from '../helpers/open-waitable.js'
import type { Fixture } from './wait-contract.js'

export function endingContract({ current }: Fixture): void {
  describe('ending', () => {
    it('refuses a signal that is aborted already, with its reason', async () => {
      const { waitable } = current()
      const reason = new Error('too late')
      expect(await rejected(waitable.waitAsync({ signal: AbortSignal.abort(reason) }))).to.equal(reason)
      expect((await rejected(waitable.waitAsync({ signal: AbortSignal.abort() }))).name).to.equal('AbortError')
      expect(await rejected(waitable.waitAsync({ signal: AbortSignal.abort(reason), timeout: 0 }))).to.equal(reason)
      // Nobody waits, and nothing is broken by it.
      const wait = waitable.waitAsync()
      while (waitable.pending < 1) await idle()
      await waitable.wakeOne()
      expect(await wait).to.equal(true)
    })

    it('leaves the line when its signal aborts, with its reason', async () => {
      const { waitable } = current()
      const controller = new AbortController()
      const reason = new Error('enough')
      const wait = rejected(waitable.waitAsync({ signal: controller.signal, timeout: 1e9 }))
      while (waitable.pending < 1) await idle()
      controller.abort(reason)
      expect(await wait).to.equal(reason)
      expect(waitable.pending).to.equal(0)
    })

    it('minds no abort once it is over, and leaves no listener behind', async () => {
      const { waitable } = current()
      const controller = new AbortController()
      const { signal } = controller
      const wait = waitable.waitAsync({ signal })
      while (waitable.pending < 1) await idle()
      expect(getEventListeners(signal, 'abort')).to.have.length(1)
      await waitable.wakeOne()
      expect(await wait).to.equal(true)
      expect(getEventListeners(signal, 'abort')).to.have.length(0)
      controller.abort()
      await idle()
    })

    it('rejects the waits of an object that is closed', async () => {
      const { handle } = current()
      const other = openWaitable(handle)
      const waits = [codeRejected(other.waitAsync())]
      while (other.pending < 1) await idle()
      other.close()
      expect(await Promise.all(waits)).to.deep.equal(['ERR_CLOSED'])
    })

    it('is of no use once closed, and is closed but once', async () => {
      const { handle } = current()
      const other = openWaitable(handle)
      other.close()
      other.close()
      expect(codeThrown(() => other.wait())).to.equal('ERR_CLOSED')
      expect(codeThrown(() => other.wait(0))).to.equal('ERR_CLOSED')
      expect(await codeRejected(other.waitAsync())).to.equal('ERR_CLOSED')
      expect(await codeRejected(other.waitAsync({ timeout: 0 }))).to.equal('ERR_CLOSED')
      expect(await codeRejected(other.wakeOne())).to.equal('ERR_CLOSED')
    })
  })
}
