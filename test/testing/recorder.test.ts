/** When things are written down. */
import { expect } from 'chai'
import { RawArray } from '../../lib/index.js'
import { Recorder } from '../../lib/testing/recorder.js'
import { makeRaceWords, StartingLine } from '../../lib/testing/starting-line.js'

describe('a recorder', () => {
  it('copies a view before the end of its operation, when others may change it', () => {
    using words = makeRaceWords(1)
    using array = RawArray('c_int', 2)
    /** At each reading of the clock another process has written. */
    class Busy extends StartingLine {
      override tick(): number {
        Atomics.add(array, 0, 1)
        return super.tick()
      }
    }
    const recorder = new Recorder(new Busy(words, 0, 1), 0)
    recorder.perform('view', [], () => array)
    expect(recorder.take().map(({ result }) => result)).to.deep.equal([new Int32Array([1, 0])])
  })
})
