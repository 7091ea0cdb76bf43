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

  it('writes down whatever is thrown, and throws it', () => {
    using words = makeRaceWords(1)
    const recorder = new Recorder(new StartingLine(words, 0, 1), 0)
    const throwing = (property: PropertyKey) =>
      Object.defineProperty(new Error('odd'), property, {
        get: () => {
          throw new RangeError('not to be looked at')
        },
      })
    const odd = [
      ...[42, null, [1, 2]].map((stack) => Object.defineProperty(new Error('odd'), 'stack', { value: stack })),
      ...['stack', 'name', 'message', 'code'].map(throwing),
      Object.freeze(new Error('odd')),
      'a text',
      undefined,
      Object.create(null),
    ]
    for (const each of odd) {
      let caught: unknown
      try {
        recorder.perform('throw', [], () => {
          throw each
        })
      } catch (error) {
        caught = error
      }
      expect(caught).to.equal(each)
      expect(recorder.take()).to.have.length(1)
    }
  })

  it('has the stack of an error without a code, and nothing else that looks like it', () => {
    using words = makeRaceWords(1)
    const recorder = new Recorder(new StartingLine(words, 0, 1), 0)
    const operation = () => {
      throw new TypeError('a message\n    at its own row')
    }
    expect(() => recorder.perform('throw', [], operation)).to.throw(TypeError)
    const [{ error, stack } = {}] = recorder.take()
    expect(error).to.equal('TypeError')
    expect(stack).to.match(/^ +at operation \(.*recorder\.test\.[jt]s.*\)$/)
  })
})
