/** Whether waits for a lock keep a process alive: pending ones do, as open sockets would, and nothing else does. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import type { Lock } from '../../lib/index.js'
import { fixturePath } from '../helpers/paths.js'
import { collectOwnerDied } from '../helpers/warnings.js'
import { type Made, subjects } from './lock-subject.js'

for (const subject of subjects.filter(({ title }) => !/named/.test(title))) {
  describe(`a process that waits for ${/^[A-Z]/.test(subject.title) ? 'a ' : ''}${subject.title}`, () => {
    let made: Made
    beforeEach(() => {
      made = subject.make()
    })
    afterEach(() => made.remove())
    const start = (mode: string) => fork(fixturePath('lock-keep-alive'), [mode, JSON.stringify(made.handle)])
    const codeOf = async (child: ChildProcess) => (await once(child, 'exit'))[0] as number | null

    it('stays alive until it has the lock', async () => {
      const { lock } = made
      lock.acquire()
      const child = start('waiting')
      child.once('message', () => lock.release())
      expect(await codeOf(child)).to.equal(0)
    })

    it('stays alive behind a flow of its own', async () => {
      expect(await codeOf(start('waiting-for-own-flow'))).to.equal(0)
    })

    for (const mode of ['timed-out', 'aborted', 'closed']) {
      it(`ends by itself once the wait is over (${mode})`, async () => {
        const { lock } = made
        lock.acquire()
        expect(await codeOf(start(mode))).to.equal(0)
        lock.release()
      })
    }

    it('ends by itself when nothing is pending, even holding the lock', async () => {
      const { lock } = made
      const told = () => subject.owned && (lock as Lock).ownerDied
      const warnings = collectOwnerDied()
      expect(await codeOf(start('done'))).to.equal(0)
      expect(lock.withLock(told)).to.equal(false)
      expect(await codeOf(start('holding'))).to.equal(0)
      expect(lock.withLock(told)).to.equal(subject.owned)
      await warnings.stop()
    })
  })
}
