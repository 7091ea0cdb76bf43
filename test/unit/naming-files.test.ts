/** What may be found under a name besides a sound object of this process's user. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { attach, Lock, RawArray, Array as SharedArray, Value } from '../../lib/index.js'
import { ask, descriptors, end, refused, removeNames, shmPath, start, uniqueName } from '../fixtures/unit-helpers.js'
import type { Race } from '../fixtures/unit-racer.js'

const openers: [string, (name: string) => unknown][] = [
  ['Value', (name) => Value('c_int', 1, { name })],
  ['Value, create: false', (name) => Value('c_int', 1, { name, create: false })],
  ['RawArray', (name) => RawArray('c_double', 3, { name })],
  ['Lock', (name) => Lock({ name })],
]

/** Expects every opener to refuse what is under the name, and to leave nothing open. */
function refusedAll(name: string, code: string, ...words: string[]): void {
  const open = descriptors().length
  for (const [what, opener] of openers) {
    const error = refused(() => opener(name), code, Error, name, ...words)
    expect(error.message, what).to.include(shmPath(name))
  }
  expect(descriptors().length).to.equal(open)
}

describe('under the name', () => {
  afterEach(removeNames)

  const files: [string, Buffer, string][] = [
    ['an empty file', Buffer.alloc(0), '0 bytes'],
    ['a single byte', Buffer.from('S'), '1 bytes'],
    ['the magic number and no more', Buffer.from('SHCTYPES'), '8 bytes'],
    ['a header less a byte', Buffer.concat([Buffer.from('SHCTYPES'), Buffer.alloc(199)]), '207 bytes'],
    ['zeros', Buffer.alloc(4096), 'no magic number'],
    ['a text', Buffer.from('lorem ipsum '.repeat(1000)), 'no magic number'],
    ['the magic number before zeros', Buffer.concat([Buffer.from('SHCTYPES'), Buffer.alloc(4088)]), 'version'],
  ]
  for (const [what, content, message] of files) {
    it(`${what} is ERR_TYPE_MISMATCH and stays as it is`, () => {
      const name = uniqueName()
      writeFileSync(shmPath(name), content)
      refusedAll(name, 'ERR_TYPE_MISMATCH', message)
      expect(readFileSync(shmPath(name)).equals(content)).to.equal(true)
    })
  }

  it('a segment that was cut short or has grown is ERR_TYPE_MISMATCH', () => {
    for (const size of [0, 207, 208, 320, 4095, 4097, 8192]) {
      const name = uniqueName()
      Value('c_int', 1, { name }).close()
      truncateSync(shmPath(name), size)
      refusedAll(name, 'ERR_TYPE_MISMATCH', String(size))
    }
  })

  const fields: [string, number, Buffer][] = [
    ['another magic number', 0, Buffer.from('shctypes')],
    ['an older layout version', 8, u32(1)],
    ['a later layout version', 8, u32(3)],
    ['layout version 0', 8, u32(0)],
    ['an unknown kind of segment', 12, u32(3)],
    ['an arena', 12, u32(1)],
    ['another size', 16, u64(8192n)],
    ['a mutex of another size', 36, u32(24)],
    ['a mutex with its futex word elsewhere', 40, u32(8)],
    ['an unknown kind of object', 44, u32(77)],
    ['no kind of object', 44, u32(0)],
    ['an unknown kind of lock', 48, u32(3)],
    ['no lock, and yet its place', 48, u32(0)],
    ['another type', 52, u32(12345)],
    ['a length beyond the file', 56, u64(100_000n)],
    ['a length that overflows', 56, u64(2n ** 62n)],
    ['an element size beyond the file', 64, u64(2n ** 63n)],
    ['its lock elsewhere', 72, u64(264n)],
    ['its lock beyond the file', 72, u64(2n ** 40n)],
    ['no place for its lock', 72, u64(0n)],
    ['its data in the header', 80, u64(16n)],
    ['its data over the lock', 80, u64(264n)],
    ['its data askew', 80, u64(321n)],
    ['its data beyond the file', 80, u64(4096n)],
    ['its data far beyond the file', 80, u64(2n ** 64n - 8n)],
    ['its slots over the data', 128, u64(320n)],
    ['its slots askew', 128, u64(385n)],
    ['its slots beyond the file', 128, u64(4096n)],
    ['its lot over the slots', 136, u64(448n)],
    ['its lot far beyond the file', 136, u64(2n ** 63n)],
    ['its lot too large', 144, u64(2n ** 40n)],
    ['its lot too small', 144, u64(128n)],
  ]
  for (const [what, offset, bytes] of fields) {
    it(`a header with ${what} is ERR_TYPE_MISMATCH`, () => {
      const name = uniqueName()
      Value('c_int', 1, { name }).close()
      const content = readFileSync(shmPath(name))
      bytes.copy(content, offset)
      writeFileSync(shmPath(name), content)
      refused(() => Value('c_int', 1, { name }), 'ERR_TYPE_MISMATCH', Error, name)
      refused(() => Value('c_int', 1, { name, create: false }), 'ERR_TYPE_MISMATCH', Error, name)
    })
  }

  it('a copy of a segment is a segment', () => {
    const name = uniqueName()
    Value('c_int', 7, { name }).close()
    const copied = uniqueName()
    writeFileSync(shmPath(copied), readFileSync(shmPath(name)))
    using value = Value('c_int', 1, { name: copied, create: false })
    expect(value.value).to.equal(7)
  })

  it('a FIFO is ERR_TYPE_MISMATCH, and nobody waits for its other end', () => {
    const name = uniqueName()
    execFileSync('mkfifo', [shmPath(name)])
    refusedAll(name, 'ERR_TYPE_MISMATCH', 'not a regular file')
  })

  it('a directory is EISDIR, the open call’s own answer', () => {
    const name = uniqueName()
    mkdirSync(shmPath(name))
    refusedAll(name, 'EISDIR')
  })

  it('a symbolic link is ELOOP: it is not followed, wherever it leads', () => {
    const target = uniqueName()
    Value('c_int', 1, { name: target }).close()
    for (const to of [shmPath(target), '/etc/hostname', shmPath('sct-nowhere')]) {
      const name = uniqueName()
      symlinkSync(to, shmPath(name))
      refusedAll(name, 'ELOOP')
    }
  })

  it('a socket is ENXIO', async () => {
    const name = uniqueName()
    const server = createServer().listen(shmPath(name))
    await new Promise((resolve) => server.once('listening', resolve))
    refusedAll(name, 'ENXIO')
    await new Promise((resolve) => server.close(resolve))
  })

  it('one of many processes that want to make it does, the others find it whole', async () => {
    const racers = [1, 2, 3, 4].map(() => start('unit-racer'))
    const pids = racers.map(({ pid }) => pid)
    await Promise.all(racers.map((racer) => ask(racer, { names: [] })))
    for (const create of [undefined, true] as const) {
      const names = Array.from({ length: 300 }, () => uniqueName())
      const race: Race = create === undefined ? { names } : { names, create }
      const found = await Promise.all(racers.map((racer) => ask<(number | string)[]>(racer, race)))
      for (const i of names.keys()) {
        const each = found.map((list) => list[i])
        const made = each.filter((value) => value !== 'EEXIST')
        expect(pids).to.include(made[0])
        if (create === true) expect(made.length).to.equal(1)
        else expect(each).to.deep.equal(each.map(() => made[0]))
      }
    }
    await Promise.all(racers.map((racer) => end(racer)))
  })

  it('an object of another user is EACCES, by name, by handle and to unlink; with mode 0o666 it can be used', async function () {
    if (process.getuid?.() !== 0) this.skip() // it takes root to become somebody else
    using closed = Value('c_int', 1, { name: uniqueName(), mode: 0o600 })
    using open = Value('c_int', 1, { name: uniqueName(), mode: 0o666 })
    using readable = SharedArray('c_int', 4, { name: uniqueName(), mode: 0o644 })
    using anonymous = Value('c_int', 1)
    const child = start('unit-unprivileged')
    const names = { closed: closed.name, open: open.name, readable: readable.name }
    const answer = await ask<Record<string, string>>(child, { ...names, handle: anonymous.toJSON(), namedHandle: closed.toJSON() })
    await end(child)
    expect(answer).to.deep.equal({
      closed: 'EACCES open',
      readable: 'EACCES open',
      open: 'added',
      unlink: 'EPERM unlink',
      handle: 'EACCES open',
      namedHandle: 'EACCES open',
    })
    expect(open.value).to.equal(2)
    using still = attach<typeof closed>(closed.toJSON())
    expect(still.value).to.equal(1)
  })
})

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
