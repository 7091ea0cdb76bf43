/** Whether waits keep a process alive: pending ones do, as open sockets would, and nothing else does. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { fixturePath } from '../helpers/paths.js'
import type { Fixture } from './wait-contract.js'

export function keepAliveContract({ current }: Fixture): void {
  describe('a process that waits', () => {
    const start = (mode: string) => fork(fixturePath('wait-keep-alive'), [mode, JSON.stringify(current().handle)])
    const codeOf = async (child: ChildProcess) => (await once(child, 'exit'))[0] as number | null

    it('stays alive until it is woken', async () => {
      const child = start('waiting')
      child.once('message', () => void current().waitable.wakeOne())
      expect(await codeOf(child)).to.equal(0)
    })

    for (const mode of ['timed-out', 'aborted', 'closed', 'woken', 'unused']) {
      it(`ends by itself (${mode})`, async () => {
        expect(await codeOf(start(mode))).to.equal(0)
      })
    }
  })
}
