/** Any bytes: a line, or values, never a crash. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { detailsOf } from '../../lib/cli/details.js'
import { lookAt } from '../../lib/cli/entry.js'
import { json, show } from '../../lib/cli/output.js'
import * as mp from '../../lib/index.js'
import { removeNames, semPath, shmPath, uniqueName } from '../fixtures/unit-helpers.js'
import { cli, list } from '../helpers/cli.js'

const nobody = { files: new Map(), anonymous: new Map() }

/** All that `inspect` says of it. */
function looked(file: string): string {
  const both = lookAt(Buffer.from(file), nobody, (look) => ({ entry: look.entry, details: detailsOf(look) }))
  return json(both) + show(both)
}

const makers: ((name: string) => mp.SharedObject)[] = [
  (name) => mp.Value('c_int', 7, { name }),
  (name) => mp.Array('c_char', 300, { name }),
  (name) => mp.RawArray('c_double', 20, { name }),
  (name) => mp.Lock({ name }),
  (name) => mp.Semaphore(3, { name }),
  (name) => mp.BoundedSemaphore(3, { name }),
  (name) => mp.Condition(mp.Lock(), { name }),
  (name) => mp.Event({ name }),
  (name) => mp.Barrier(3, { name }),
  (name) => mp.RWLock({ name }),
]

/** Sound segments of every kind. */
function segments(): Buffer[] {
  return makers.map((make) => {
    const name = uniqueName()
    make(name).close()
    return readFileSync(existsSync(shmPath(name)) ? shmPath(name) : semPath(name))
  })
}

/** A count and offsets that nearly fit. */
const lists = fc
  .tuple(fc.nat(5), fc.array(fc.bigInt({ min: -9n, max: 99n }), { maxLength: 7 }), fc.uint8Array({ maxLength: 120 }))
  .map(([count, words, tail]) => {
    const head = Buffer.alloc(8 + 8 * words.length)
    head.writeBigInt64LE(BigInt(count))
    words.forEach((word, i) => void head.writeBigInt64LE(word * 8n, 8 + 8 * i))
    return Buffer.concat([head, tail])
  })

describe('sharedctypes, any bytes', () => {
  afterEach(removeNames)

  it('in a segment of any kind', () => {
    const name = uniqueName()
    const sound = segments()
    const at = fc.oneof({ weight: 3, arbitrary: fc.nat(511) }, fc.nat(4095))
    const change = fc.oneof(
      fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 8 })),
      fc.tuple(
        at.map((offset) => offset & ~7),
        fc
          .constantFrom(0n, 1n, 64n, 207n, 4096n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 8n)
          .map((word) => new BigUint64Array([word])),
      ),
    )
    fc.assert(
      fc.property(fc.constantFrom(...sound), fc.array(change, { maxLength: 5 }), fc.nat(), fc.boolean(), (start, changes, cut, whole) => {
        const bytes = Buffer.from(start)
        for (const [offset, { buffer, byteOffset, byteLength }] of changes)
          bytes.set(new Uint8Array(buffer, byteOffset, Math.min(byteLength, 4096 - offset)), offset)
        const file = whole ? bytes : bytes.subarray(0, cut % (bytes.length + 1))
        writeFileSync(shmPath(name), file)
        expect(looked(name)).to.include(name)
        expect(readFileSync(shmPath(name)).equals(file)).to.equal(true)
      }),
      { numRuns: 1500 },
    )
  })

  it('without a header, in lists that nearly fit, and in semaphores', () => {
    const name = uniqueName()
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), lists), fc.boolean(), (bytes, semaphore) => {
        writeFileSync(semaphore ? semPath(name) : shmPath(name), bytes)
        expect(looked(semaphore ? `sem.${name}` : name)).to.include(name)
      }),
      { numRuns: 1500 },
    )
  })

  it('in hundreds of files at once', async () => {
    const prefix = uniqueName()
    const names = fc.sample(fc.uint8Array({ maxLength: 400 }), 200).map((bytes) => {
      const name = uniqueName()
      writeFileSync(shmPath(name), bytes)
      return name
    })
    const found = await list(prefix.replace(/\d+-n$/, ''))
    expect(Object.keys(found).length).to.equal(names.length)
    expect((await cli('ls')).code).to.equal(0)
    expect((await cli('rm', ...names)).code).to.equal(0)
  })
})
