/** What a close meets that JavaScript does not see. */
import { expect } from 'chai'
import { ShareableList, SharedMemory } from '../../lib/index.js'
import { fixturePath } from '../helpers/paths.js'
import { runNode } from '../helpers/run.js'

describe('close', () => {
  it('of memory on which the thread pool works harms nobody', async () => {
    expect(await runNode([fixturePath('close-under-work')])).to.deep.equal({ code: 0, stdout: '', stderr: '' })
  })

  it('leaves bytes that are refused as a value, before anything changes', () => {
    const memory = new SharedMemory({ create: true, size: 8 })
    const { buf } = memory
    memory.unlink()
    memory.close()
    using list = new ShareableList(['kept'])
    list.unlink()
    for (const store of [() => list.set(0, buf), () => new ShareableList([buf])])
      expect(store).to.throw(TypeError).with.property('code', 'ERR_INVALID_ARG_TYPE')
    expect(list.get(0)).to.equal('kept')
  })
})
