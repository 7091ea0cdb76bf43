/** Whether waits for a lock keep a process alive: pending ones do, as open sockets would, and nothing else does. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { Lock, RLock } from '../../lib/index.js'
import { fixturePath } from '../helpers/paths.js'
import { collectOwnerDied } from '../helpers/warnings.js'

for (const [title, make] of [
  ['Lock', Lock],
  ['RLock', RLock],
] as const) {
  describe(`a process that waits for a ${title}`, () => {
    const start = (mode: string, lock: Lock) => fork(fixturePath('lock-keep-alive'), [mode, JSON.stringify(lock)])
    const codeOf = async (child: ChildProcess) => (await once(child, 'exit'))[0] as number | null

    it('stays alive until it has the lock', async () => {
      const lock = make()
      lock.acquire()
      const child = start('waiting', lock)
      child.once('message', () => lock.release())
      expect(await codeOf(child)).to.equal(0)
      lock.close()
    })

    it('stays alive behind a flow of its own', async () => {
      const lock = make()
      expect(await codeOf(start('waiting-for-own-flow', lock))).to.equal(0)
      lock.close()
    })

    for (const mode of ['timed-out', 'aborted', 'closed']) {
      it(`ends by itself once the wait is over (${mode})`, async () => {
        const lock = make()
        lock.acquire()
        expect(await codeOf(start(mode, lock))).to.equal(0)
        lock.release()
        lock.close()
      })
    }

    it('ends by itself when nothing is pending, even holding the lock', async () => {
      const lock = make()
      const warnings = collectOwnerDied()
      expect(await codeOf(start('done', lock))).to.equal(0)
      expect(lock.withLock(() => lock.ownerDied)).to.equal(false)
      expect(await codeOf(start('holding', lock))).to.equal(0)
      expect(lock.withLock(() => lock.ownerDied)).to.equal(true)
      lock.close()
      await warnings.stop()
    })
  })
}
