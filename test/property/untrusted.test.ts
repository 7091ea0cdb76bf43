/** What others can put under a name or into a handle: refused with a code or used soundly, never a crash, nothing left open. */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { attach, type Handle, RawArray, Array as SharedArray, type SharedObject, Value } from '../../lib/index.js'
import { type Coded, descriptors, removeNames, shmPath, uniqueName } from '../fixtures/unit-helpers.js'

/** The code that a call ends with, or undefined if it ends well; what it gave is looked at and closed. */
function codeOf(call: () => SharedObject): string | undefined {
  let object: SharedObject
  try {
    object = call()
  } catch (error) {
    return (error as Coded).code ?? `no code: ${(error as Error).stack}`
  }
  JSON.stringify(object)
  if (Symbol.iterator in object) expect([...(object as unknown as Iterable<unknown>)].length).to.be.at.least(0)
  object.close()
  return undefined
}

const HEADER = 208

describe('untrusted', () => {
  afterEach(removeNames)

  it('a header with any bytes changed', () => {
    const name = uniqueName()
    SharedArray('c_int', 100, { name }).close()
    const sound = readFileSync(shmPath(name))
    const open = descriptors().length
    const changes = fc.array(fc.tuple(fc.nat(HEADER - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = Buffer.from(sound)
        for (const [at, byte] of list) bytes[at] = byte
        writeFileSync(shmPath(name), bytes)
        expect(codeOf(() => SharedArray('c_int', 100, { name }))).to.be.oneOf([undefined, 'ERR_TYPE_MISMATCH'])
      }),
      { numRuns: 1500 },
    )
    expect(descriptors().length).to.equal(open)
  })

  it('a header with any 32-bit word changed to an edge of its range', () => {
    const name = uniqueName()
    SharedArray('c_int', 100, { name }).close()
    const sound = readFileSync(shmPath(name))
    const words = [0, 1, 2, 7, 255, 256, 320, 4096, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff]
    for (let at = 0; at < HEADER; at += 4) {
      for (const word of words) {
        const bytes = Buffer.from(sound)
        bytes.writeUInt32LE(word, at)
        writeFileSync(shmPath(name), bytes)
        expect(
          codeOf(() => SharedArray('c_int', 100, { name })),
          `${word} at ${at}`,
        ).to.be.oneOf([undefined, 'ERR_TYPE_MISMATCH'])
      }
    }
  })

  it('any file', () => {
    const name = uniqueName()
    const start = fc.constantFrom(Buffer.alloc(0), Buffer.from('SHCTYPES\x01\0\0\0\x01\0\0\0'), Buffer.from('SHCTYPES\x01\0\0\0\x02\0\0\0'))
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 600 }), (head, tail) => {
        writeFileSync(shmPath(name), Buffer.concat([head, tail]))
        expect(codeOf(() => Value('c_int', 0, { name }))).to.equal('ERR_TYPE_MISMATCH')
        expect(codeOf(() => RawArray('c_double', 5, { name, create: false }))).to.equal('ERR_TYPE_MISMATCH')
      }),
      { numRuns: 300 },
    )
  })

  it('a handle with anything in it', () => {
    const objects = [Value('c_int', 7), SharedArray('c_bool', 3), RawArray('c_double', 1000), Value('c_long', 1, { name: uniqueName() })]
    const fields = ['sharedctypes', 'kind', 'lock', 'type', 'length', 'segment', 'offset', 'generation', 'name', 'onOwnerDied']
    const place = ['id', 'pid', 'fd', 'inode']
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.integer(),
      fc.bigInt().map(Number),
      fc.constantFrom('Value', 'Array', 'RLock', 'none', 'c_int', 'c_double'),
    )
    const open = descriptors().length
    fc.assert(
      fc.property(
        fc.constantFrom(...objects),
        fc.array(fc.tuple(fc.constantFrom(...fields, ...place), anything), { minLength: 1, maxLength: 3 }),
        (object, changes) => {
          const forged = structuredClone(object.toJSON()) as unknown as Record<string, unknown>
          const segment = forged.segment as Record<string, unknown>
          for (const [field, value] of changes) Object.assign(place.includes(field) ? segment : forged, { [field]: value })
          // EACCES: a process that we may not look into.
          const codes = [undefined, 'EACCES', 'ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE', 'ERR_TYPE_MISMATCH', 'ERR_STALE_HANDLE']
          expect(codeOf(() => attach(forged as unknown as Handle))).to.be.oneOf(codes)
        },
      ),
      { numRuns: 2000 },
    )
    expect(descriptors().length).to.equal(open)
    for (const object of objects) object.close()
  })

  it('any JSON for a handle', () =>
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(codeOf(() => attach(text))).to.be.oneOf(['ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH'])
      }),
    ))

  it('any name: refused, or one file in /dev/shm', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        const sound = /^\/?[A-Za-z0-9._-]+$/.test(text)
        const name = uniqueName()
        const code = codeOf(() => Value('c_int', 0, { name: name + text, create: false }))
        expect(code).to.equal(sound || text === '' ? (text.startsWith('/') ? 'ERR_OUT_OF_RANGE' : 'ENOENT') : 'ERR_OUT_OF_RANGE')
      }),
    ))
})
