/** Every type, random structs included: what is written here is read back in another process, and what is written there is read here. */
import type { ChildProcess } from 'node:child_process'
import { expect } from 'chai'
import fc from 'fast-check'
import { RawArray, RawValue, Array as SharedArray, type SharedObject, type TypeLike, Value } from '../../lib/index.js'
import { asRead, contentOf, type Shape, someOf, structShape, typeOf } from '../fixtures/unit-arbitraries.js'
import { type Answer, plain, type Question } from '../fixtures/unit-echo.js'
import { ask, end, start } from '../fixtures/unit-helpers.js'
import { cTypes } from '../fixtures/unit-types.js'

type Holder = SharedObject & { value: unknown }

describe('written here, read there, and back', () => {
  let child: ChildProcess
  before(() => {
    child = start('unit-echo')
  })
  after(() => end(child))

  /** Has the other process read each object and write the next content; expects it to have read `first`, and us to read `second`. */
  async function exchange(
    objects: readonly SharedObject[],
    first: readonly unknown[],
    second: readonly unknown[],
    look: (object: SharedObject) => unknown,
    sent = second,
  ) {
    const questions = objects.map((object, i): Question => ({ read: object.toJSON(), write: sent[i] }))
    const answers = await ask<Answer[]>(child, questions)
    expect(answers.map(({ error }) => error).filter((error) => error !== undefined)).to.deep.equal([])
    expect(answers.map(({ content }) => content)).to.deep.equal(first)
    expect(objects.map(look)).to.deep.equal(second)
    for (const object of objects) object.close()
  }

  for (const [name] of cTypes) {
    const pairs = fc.array(fc.tuple(someOf(name), someOf(name)), { minLength: 1, maxLength: 40 })

    it(`Values of ${name}`, () =>
      fc.assert(
        fc.asyncProperty(pairs, fc.boolean(), async (list, raw) => {
          const make = (initial: unknown) => (raw ? RawValue(name, initial as never) : Value(name, initial as never)) as Holder
          const values = list.map(([first]) => make(first))
          await exchange(
            values,
            list.map(([first]) => first),
            list.map(([, second]) => second),
            (value) => (value as Holder).value,
          )
        }),
        { numRuns: 25 },
      ))

    it(`Arrays of ${name}`, () =>
      fc.assert(
        fc.asyncProperty(pairs, fc.boolean(), async (list, raw) => {
          const [first, second] = [list.map(([each]) => each), list.map(([, each]) => each)]
          const array = (raw ? RawArray(name, first as never) : SharedArray(name, first as never)) as unknown as SharedObject
          const read = (elements: unknown[]): unknown => (name === 'c_char' ? elements.join('') : elements)
          await exchange([array], [read(first)], [read(second)], plain, [second])
        }),
        { numRuns: 25 },
      ))
  }

  const structs = structShape.chain((shape) => fc.tuple(fc.constant(shape), contentOf(shape), contentOf(shape), contentOf(shape)))

  it('Values of random structs', () =>
    fc.assert(
      fc.asyncProperty(structs, async ([shape, first, second]: [Shape, unknown, unknown, unknown]) => {
        const value = Value(typeOf(shape), first as never) as unknown as Holder
        expect(plain(value.value)).to.deep.equal(asRead(shape, first))
        await exchange([value], [asRead(shape, first)], [asRead(shape, second)], (each) => plain((each as Holder).value), [second])
      }),
      { numRuns: 200 },
    ))

  it('Arrays of random structs, whose elements do not touch each other', () =>
    fc.assert(
      fc.asyncProperty(structs, async ([shape, first, second, third]: [Shape, unknown, unknown, unknown]) => {
        const type: TypeLike = typeOf(shape)
        const array = RawArray(type, [first, second, first] as never) as unknown as SharedObject & { [index: number]: unknown }
        array[1] = third
        expect(plain(array)).to.deep.equal([first, third, first].map((each) => asRead(shape, each)))
        const [before, after] = [
          [first, third, first],
          [second, first, third],
        ]
        const read = (list: unknown[]): unknown => list.map((each) => asRead(shape, each))
        await exchange([array], [read(before)], [read(after)], plain, [after])
      }),
      { numRuns: 100 },
    ))
})
