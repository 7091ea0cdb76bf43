/** Children whose parent is gone keep what they were given. */
import { expect } from 'chai'
import { Value } from '../../lib/index.js'
import { fixturePath, freshName } from '../helpers/paths.js'
import { runNode } from '../helpers/run.js'

describe('the child of a parent', () => {
  for (const how of ['exits', 'is killed']) {
    it(`that ${how} right after start() keeps its objects`, async () => {
      const name = freshName('orphan')
      const seen = Value('c_int', 0, { name })
      // It ends when nobody holds its output any more: parent and child.
      const rounds = await Promise.all(Array.from({ length: 4 }, () => runNode([fixturePath('process-parent'), how, name])))
      for (const { stderr } of rounds) expect(stderr).to.equal('')
      expect(seen.value).to.equal(4)
      seen.unlink()
      seen.close()
    })
  }
})
