/** A CPython and this library at one SharedMemory: bytes, names, modes, sizes, errors, and the rules of close and unlink. */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { SharedMemory } from '../../lib/index.js'
import { type Coded, removeNames, shmPath, thrownBy, uniqueName } from '../fixtures/unit-helpers.js'
import { type Commands, type Partner, startPartner } from '../helpers/python.js'

const AUTOMATIC = /^psm_[0-9a-f]{8}$/

describe('a SharedMemory and Python', () => {
  let partner: Partner
  before(function () {
    partner = startPartner(this)
  })
  after(() => partner?.end())
  afterEach(removeNames)

  type Parameters = Omit<Commands['memory'][0], 'key'>
  /** Python's own, kept under the number that comes with it. */
  async function theirs(parameters: Parameters): Promise<{ key: number; name: string; size: number }> {
    const key = partner.key()
    return { key, ...(await partner.tell('memory', { key, ...parameters })) }
  }
  /** What Python says instead. */
  const theirRefusal = (parameters: Parameters) => partner.refusal('memory', { key: partner.key(), ...parameters })

  describe('bytes', () => {
    it('written anywhere by either are read by the other, in the same order', async () => {
      const size = 10_000
      const write = fc.record({
        us: fc.boolean(),
        at: fc.nat(size - 1),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      })
      for (const creator of ['us', 'python']) {
        const name = uniqueName()
        using made = creator === 'us' ? new SharedMemory({ name, create: true, size }) : undefined
        const { key } = await theirs({ name, create: creator === 'python', size })
        using memory = new SharedMemory({ name })
        const model = Buffer.alloc(size)
        await fc.assert(
          fc.asyncProperty(fc.array(write, { maxLength: 6 }), async (writes) => {
            for (const { us, at, bytes: all } of writes) {
              const bytes = Buffer.from(all.subarray(0, size - at))
              model.set(bytes, at)
              if (us) memory.buf.set(bytes, at)
              else await partner.tell('write', { key, at, hex: bytes.toString('hex') })
            }
            expect(memory.buf.equals(model)).to.equal(true)
            expect(await partner.tell('read', { key })).to.equal(model.toString('hex'))
          }),
          { numRuns: 150 },
        )
        expect(made === undefined || made.buf.equals(model)).to.equal(true)
        memory.unlink()
        await partner.tell('forget', { key })
      }
    })

    it('as typed arrays: what NumPy would see', async () => {
      const name = uniqueName()
      using memory = new SharedMemory({ name, create: true, size: 3 * 8 })
      new Float64Array(memory.buffer).set([1, 0.1, Number.NaN])
      const { key } = await theirs({ name })
      expect(await partner.tell('read', { key })).to.equal(`${'000000000000f03f'}${'9a9999999999b93f'}${'000000000000f87f'}`)
      await partner.tell('write', { key, at: 8, hex: '0000000000000040' })
      expect(new Float64Array(memory.buffer)[1]).to.equal(2)
      await partner.tell('forget', { key })
    })
  })

  it('sizes: st_size is what was asked for, and so is what the other sees', async () => {
    for (const size of [1, 7, 4095, 4096, 4097, 1_048_577]) {
      const [name, other] = [uniqueName(), uniqueName()]
      using ours = new SharedMemory({ name, create: true, size })
      const { key, size: said } = await theirs({ name: other, create: true, size })
      expect([statSync(shmPath(name)).size, statSync(shmPath(other)).size]).to.deep.equal([size, size])
      using attached = new SharedMemory({ name: other })
      const there = await theirs({ name })
      expect([ours.size, ours.buf.length, attached.size, attached.buffer.byteLength, said, there.size]).to.deep.equal([
        size,
        size,
        size,
        size,
        size,
        size,
      ])
      await partner.all(['forget', { key }], ['forget', { key: there.key }])
    }
  })

  it('mode, owner and links are as Python makes them, whatever the umask', async () => {
    const [name, other] = [uniqueName(), uniqueName()]
    const before = process.umask(0o077)
    try {
      new SharedMemory({ name, create: true, size: 10 }).close()
    } finally {
      process.umask(before)
    }
    const { key } = await theirs({ name: other, create: true, size: 10 })
    const [ours, python] = [name, other].map((each) => {
      const { mode, uid, gid, nlink, size } = statSync(shmPath(each))
      return { mode, uid, gid, nlink, size }
    })
    expect(ours).to.deep.equal(python)
    expect(ours?.mode).to.equal(0o100600)
    await partner.tell('forget', { key })
  })

  describe('names', () => {
    const prefix = uniqueName()
    const names: [string, string][] = [
      ['spaces', ' a b '],
      ['colons', 'a:b::'],
      ['dots', '...a..'],
      ['a newline', 'a\nb\t'],
      ['backslashes, quotes and shell characters', '\\"\'$(x)*?;'],
      ['letters of other scripts', 'näme-☃-日本'],
      ['emoji', '😀👩‍👩‍👧'],
      ['255 bytes', 'x'.repeat(255 - prefix.length)],
      ['255 bytes of UTF-8', '€'.repeat(50) + 'x'.repeat(255 - 150 - prefix.length)],
    ]
    for (const [what, text] of names) {
      it(`with ${what}, both ways`, async () => {
        const name = what === 'dots' ? `${text}${prefix}` : `${prefix}${text}`
        try {
          for (const create of [true, false]) {
            using ours = create ? new SharedMemory({ name, create, size: 3 }) : undefined
            const python = await theirs({ name, create: !create, size: 3 })
            using attached = new SharedMemory({ name })
            attached.buf[1] = 77
            expect(existsSync(shmPath(name))).to.equal(true)
            expect(await partner.tell('read', { key: python.key })).to.equal('004d00')
            expect([attached.name, ours?.name ?? name, python.name]).to.deep.equal([name, name, name])
            attached.unlink()
            expect(existsSync(shmPath(name))).to.equal(false)
            await partner.tell('forget', { key: python.key })
          }
        } finally {
          rmSync(shmPath(name), { force: true })
        }
      })
    }

    it('with a leading slash lead to the same block as without', async () => {
      const name = uniqueName()
      using ours = new SharedMemory({ name: `/${name}`, create: true, size: 1 })
      const python = await theirs({ name: `/${name}` })
      const plain = await theirs({ name })
      ours.buf[0] = 9
      for (const { key } of [python, plain]) expect(await partner.tell('read', { key })).to.equal('09')
      expect(existsSync(shmPath(name))).to.equal(true)
      // What it is called, in Python too, leads back to it.
      using again = new SharedMemory({ name: ours.name })
      expect(again.buf[0]).to.equal(9)
      await partner.all(['forget', { key: python.key }], ['forget', { key: plain.key }])
    })

    it('of 256 bytes, empty, with a slash inside, a dot or two: refused by both, with nothing left behind', async () => {
      for (const name of ['x'.repeat(256), `${'€'.repeat(85)}x`, '', '/', 'a/b', '.', '..', 'a/']) {
        const python = await theirRefusal({ name, create: true, size: 1 })
        expect(python.kind, name).to.be.oneOf(['OSError', 'FileExistsError', 'FileNotFoundError', 'ValueError'])
        for (const create of [true, false]) {
          const error = thrownBy(() => new SharedMemory({ name, create, size: 1 }))
          expect(error.code, name).to.equal('ERR_OUT_OF_RANGE')
        }
      }
    })

    it('given automatically have one form, and each finds the other by it', async () => {
      using ours = new SharedMemory({ create: true, size: 4 })
      const python = await theirs({ create: true, size: 4 })
      expect(ours.name).to.match(AUTOMATIC)
      expect(python.name).to.match(AUTOMATIC)
      using attached = new SharedMemory({ name: python.name })
      const there = await theirs({ name: ours.name })
      ours.buf.writeInt32LE(-2)
      attached.buf.writeInt32LE(-3)
      expect(await partner.all(['read', { key: there.key }], ['read', { key: python.key }])).to.deep.equal(['feffffff', 'fdffffff'])
      ours.unlink()
      attached.unlink()
      await partner.all(['forget', { key: python.key }], ['forget', { key: there.key }])
    })
  })

  it("Python's own automatic blocks are never swept, however unused they are", async () => {
    const { key, name } = await theirs({ create: true, size: 4 })
    await partner.tell('close', { key })
    for (let i = 0; i < 20; i++) {
      const ours = new SharedMemory({ create: true, size: 4 })
      ours.close()
      ours.unlink()
    }
    expect(existsSync(shmPath(name))).to.equal(true)
    await partner.tell('unlink', { key })
    await partner.tell('forget', { key })
  })

  describe('errors', () => {
    /** The same number, in Python's positive form. */
    const errnoOf = (error: Coded) => -(error.errno ?? 0)

    it('of a name that exists: EEXIST and FileExistsError, whoever made it', async () => {
      for (const creator of ['us', 'python']) {
        const name = uniqueName()
        using ours = creator === 'us' ? new SharedMemory({ name, create: true, size: 9 }) : undefined
        const python = creator === 'python' ? await theirs({ name, create: true, size: 9 }) : undefined
        const there = await theirRefusal({ name, create: true, size: 10 })
        const here = thrownBy(() => new SharedMemory({ name, create: true, size: 10 }))
        expect([there.kind, there.errno, here.code, errnoOf(here)]).to.deep.equal(['FileExistsError', 17, 'EEXIST', 17])
        expect(statSync(shmPath(name)).size).to.equal(9)
        if (python !== undefined) await partner.tell('forget', { key: python.key })
        expect(ours?.size ?? 9).to.equal(9)
      }
    })

    it('of a name that is missing: ENOENT and FileNotFoundError', async () => {
      const name = uniqueName()
      const there = await theirRefusal({ name })
      const here = thrownBy(() => new SharedMemory({ name }))
      expect([there.kind, there.errno, here.code, errnoOf(here)]).to.deep.equal(['FileNotFoundError', 2, 'ENOENT', 2])
    })

    it('of size 0, a negative one, and no name: ValueError, and ours name the argument', async () => {
      const name = uniqueName()
      for (const size of [0, -1]) {
        expect((await theirRefusal({ name, create: true, size })).kind).to.equal('ValueError')
        expect(thrownBy(() => new SharedMemory({ name, create: true, size }))).to.include({ code: 'ERR_OUT_OF_RANGE' })
      }
      expect((await theirRefusal({})).kind).to.equal('ValueError')
      expect(thrownBy(() => new SharedMemory({}))).to.include({ code: 'ERR_INVALID_ARG_TYPE' })
      expect(existsSync(shmPath(name))).to.equal(false)
    })

    it('of an empty file: ValueError and ERR_TYPE_MISMATCH; the file stays', async () => {
      const name = uniqueName()
      writeFileSync(shmPath(name), '')
      expect((await theirRefusal({ name })).kind).to.equal('ValueError')
      expect(thrownBy(() => new SharedMemory({ name })).code).to.equal('ERR_TYPE_MISMATCH')
      expect(existsSync(shmPath(name))).to.equal(true)
    })
  })

  describe('close and unlink', () => {
    it('one unlinks, the other goes on with its bytes; a second unlink finds nothing, on either side', async () => {
      for (const unlinker of ['us', 'python']) {
        const name = uniqueName()
        using ours = new SharedMemory({ name, create: true, size: 2 })
        const { key } = await theirs({ name })
        if (unlinker === 'us') ours.unlink()
        else await partner.tell('unlink', { key })
        expect(existsSync(shmPath(name))).to.equal(false)
        ours.buf[0] = 5
        await partner.tell('write', { key, at: 1, hex: '06' })
        expect([...ours.buf]).to.deep.equal([5, 6])
        expect(await partner.tell('read', { key })).to.equal('0506')
        expect((await partner.refusal('unlink', { key })).kind).to.equal('FileNotFoundError')
        expect(thrownBy(() => ours.unlink()).code).to.equal('ENOENT')
        await partner.tell('forget', { key })
      }
    })

    it('closing twice is fine, unlinking after close too, using it is not', async () => {
      const [name, other] = [uniqueName(), uniqueName()]
      const ours = new SharedMemory({ name, create: true, size: 2 })
      const { key } = await theirs({ name: other, create: true, size: 2 })
      for (let time = 0; time < 2; time++) {
        ours.close()
        await partner.tell('close', { key })
      }
      expect((await partner.refusal('read', { key })).kind).to.equal('TypeError')
      expect(thrownBy(() => ours.buf).code).to.equal('ERR_CLOSED')
      ours.unlink()
      await partner.tell('unlink', { key })
      expect([existsSync(shmPath(name)), existsSync(shmPath(other))]).to.deep.equal([false, false])
    })

    it('the name is free again, and those who have the old block do not see the new one', async () => {
      const name = uniqueName()
      using old = new SharedMemory({ name, create: true, size: 1 })
      old.unlink()
      const { key } = await theirs({ name, create: true, size: 2 })
      old.buf[0] = 1
      expect(await partner.tell('read', { key })).to.equal('0000')
      // Python would remove the other's block here.
      expect(thrownBy(() => old.unlink()).code).to.equal('ENOENT')
      expect(statSync(shmPath(name)).size).to.equal(2)
      await partner.tell('forget', { key })
    })
  })
})
