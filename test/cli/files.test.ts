/** Whatever else may lie in /dev/shm: a line that says what is wrong, and nothing is changed. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { detailsOf } from '../../lib/cli/details.js'
import type { Entry } from '../../lib/cli/entry.js'
import { ReadFile } from '../../lib/cli/file.js'
import { listItems, listLength } from '../../lib/cli/list-file.js'
import { Value } from '../../lib/index.js'
import { native } from '../../lib/native.js'
import { removeNames, semPath, shmPath, uniqueName } from '../fixtures/unit-helpers.js'
import { ask, cli, list, program } from '../helpers/cli.js'
import { fixturePath } from '../helpers/paths.js'
import { runNode } from '../helpers/run.js'

type Found = Entry & { bytes?: { hex: string }; value?: number; items?: unknown[] }

/** ls and inspect agree; neither moves a time. */
async function look(name: string, path = shmPath(name)): Promise<Found> {
  utimesSync(path, 1000, 2000)
  const times = () => {
    const { atimeNs, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [atimeNs, mtimeNs, ctimeNs].join(' ')
  }
  const before = times()
  const entry = (await list(name))['']
  const found = await ask<Found>('inspect', path.replace('/dev/shm/', ''))
  expect(times()).to.equal(before)
  expect(found).to.deep.include(entry)
  return found
}

function segment(): Buffer {
  const name = uniqueName()
  Value('c_int', 7, { name }).close()
  return readFileSync(shmPath(name))
}

function changed(at: number, value: number): Buffer {
  const bytes = segment()
  bytes.writeUInt32LE(value, at)
  return bytes
}

describe('sharedctypes, files', () => {
  afterEach(removeNames)

  const damaged: [string, () => Buffer, string][] = [
    ['nothing in it', () => Buffer.alloc(0), 'empty'],
    ['the magic number alone', () => Buffer.from('SHCTYPES'), 'its header is cut off'],
    ['a header less a byte', () => segment().subarray(0, 207), 'its header is cut off'],
    ['half a segment', () => segment().subarray(0, 2048), 'its header says 4096 bytes, the file has 2048'],
    ['a later layout', () => changed(8, 99), 'found 99'],
    ['an unknown kind of object', () => changed(44, 77), 'unknown kind of object 77'],
    ['another C library’s mutexes', () => changed(36, 24), 'another C library'],
    ['data outside', () => changed(80, 0x7ffffff8), 'its data lies outside the file'],
    ['a damaged lock', () => changed(256 + 16, 77), 'one of its locks is damaged'],
  ]
  for (const [what, content, problem] of damaged) {
    it(`a file with ${what} says so`, async () => {
      const name = uniqueName()
      const bytes = content()
      writeFileSync(shmPath(name), bytes)
      const found = await look(name)
      expect(found).to.deep.include({ kind: 'file', type: 'file', size: bytes.length, attached: 0, creator: null, lockedBy: [] })
      expect(found.problem).to.include(problem)
      expect(readFileSync(shmPath(name)).equals(bytes)).to.equal(true)
    })
  }

  it('any other bytes are a SharedMemory, the first 256 shown', async () => {
    const name = uniqueName()
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7 + 3) % 256))
    writeFileSync(shmPath(name), bytes)
    const found = await look(name)
    expect(found).to.deep.include({ kind: 'SharedMemory', type: 'SharedMemory', size: 1000, attached: 0, problem: null })
    expect(found.bytes?.hex).to.equal(bytes.toString('hex', 0, 256))
  })

  it('who has a file without a header open, or mapped, is attached', async () => {
    const name = uniqueName()
    writeFileSync(shmPath(name), 'x'.repeat(100))
    const fd = openSync(shmPath(name), 'r')
    expect(await look(name)).to.deep.include({ attached: 1, pids: [process.pid] })
    closeSync(fd)
    expect(await look(name)).to.deep.include({ attached: 0, pids: [] })
  })

  const special: [string, (path: string) => void, string][] = [
    ['a FIFO', (path) => execFileSync('mkfifo', [path]), 'a FIFO'],
    ['a directory', (path) => mkdirSync(path), 'a directory'],
    ['a link to itself', (path) => symlinkSync(path, path), 'a symbolic link'],
    ['a link to a file elsewhere', (path) => symlinkSync('/etc/hostname', path), 'a symbolic link'],
    ['a link to nowhere', (path) => symlinkSync('/dev/shm/no/where', path), 'a symbolic link'],
  ]
  for (const [what, make, problem] of special) {
    it(`${what} is named and not opened`, async () => {
      const name = uniqueName()
      make(shmPath(name))
      const entry = (await list(name))['']
      expect(entry).to.deep.include({ kind: 'file', attached: null, problem })
      expect(await ask('inspect', name)).to.deep.equal(entry)
    })
  }

  it('a socket is named and not opened', async () => {
    const name = uniqueName()
    const server = createServer().listen(shmPath(name))
    await new Promise((resolve) => server.once('listening', resolve))
    expect((await list(name))['']).to.deep.include({ attached: null, problem: 'a socket' })
    await new Promise((resolve) => server.close(resolve))
  })

  it('a file that may not be read says so', async function () {
    if (process.getuid?.() !== 0) this.skip() // root alone can make a file of somebody else's
    const name = uniqueName()
    writeFileSync(shmPath(name), 'secret')
    chmodSync(shmPath(name), 0)
    chownSync(shmPath(name), 65534, 65534)
    const { stdout, code } = await runNode([fixturePath('cli-unprivileged')])
    expect(code).to.equal(0)
    const theirs = (JSON.parse(stdout) as Entry[]).find((entry) => entry.name === name)
    expect(theirs).to.deep.include({ kind: 'file', size: 6, problem: 'EACCES: not readable' })
    expect((await list(name))[''], 'not this user’s').to.equal(undefined)
  })

  it('a semaphore that a program in C made', async () => {
    const name = uniqueName()
    const bytes = Buffer.alloc(32)
    bytes.writeUInt32LE(5)
    writeFileSync(semPath(name), bytes)
    expect(await look(name, semPath(name))).to.deep.include({ kind: 'Semaphore', type: 'Semaphore', size: 32, creator: null, value: 5 })
    writeFileSync(shmPath(name), bytes)
    expect((await ask<Entry>('inspect', name)).kind).to.equal('SharedMemory')
  })

  it('a file that is cut short while it is read', () => {
    const name = uniqueName()
    const bytes = segment()
    writeFileSync(shmPath(name), bytes)
    for (const size of [0, 100, 207, 208, 300, 400, 4095]) {
      writeFileSync(shmPath(name), bytes)
      using file = new ReadFile(shmPath(name))
      const seen = native.inspectFile(file.fd)
      const fd = openSync(shmPath(name), 'r+')
      ftruncateSync(fd, size)
      closeSync(fd)
      expect(file.read(0, 4096).length).to.equal(size)
      expect(native.inspectFile(file.fd).found).to.equal(size < 8 ? 'other' : 'damaged')
      const entry = { kind: 'Value', lockedBy: [] as Entry['lockedBy'] } as Entry
      expect(detailsOf({ entry, file, seen }).value).to.equal(size < 324 ? undefined : 7)
      expect(listLength(file)).to.equal(undefined)
    }
  })

  it('a list that is cut short while it is read', () => {
    const name = uniqueName()
    const bytes = listOf([['q', 0, int(5)]])
    for (let size = 0; size < bytes.length; size++) {
      writeFileSync(shmPath(name), bytes)
      using file = new ReadFile(shmPath(name))
      expect(listLength(file)).to.equal(1)
      truncateSync(shmPath(name), size)
      expect(listLength(file)).to.equal(undefined)
      expect(listItems(file, 100)).to.equal(undefined)
    }
  })

  it('the bytes of a ShareableList are one', async () => {
    const name = uniqueName()
    const items: Item[] = [
      ['q', 0, int(-5)],
      ['q', 0, int(2n ** 62n)],
      ['d', 0, double(2.5)],
      ['xxxxxxx?', 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 1])],
      ['8s', 1, Buffer.from('h\u00e9\0\0\0\0\0')],
      ['8s', 2, Buffer.from('ab\0\0\0\0\0\0')],
      ['3s ', 2, Buffer.from('ab\0\0\0\0\0\0')],
      ['xxxxxx?x', 3, Buffer.alloc(8)],
      ['16s', 1, Buffer.from('sixteen bytes...')],
    ]
    writeFileSync(shmPath(name), listOf(items))
    const found = await look(name)
    expect(found).to.deep.include({ kind: 'ShareableList', type: 'ShareableList(9)', problem: null })
    const expected = [-5, '4611686018427387904', 2.5, true, 'hé', { hex: '6162' }, { hex: '616200' }, null, 'sixteen bytes...']
    expect(found.items).to.deep.equal(expected)
  })

  it('a byte more, a byte less, an unknown format or code, and it is none', () => {
    const sound = listOf([['q', 0, int(5)]])
    const wrong = [
      Buffer.concat([sound, Buffer.alloc(1)]),
      sound.subarray(0, -1),
      listOf([['Q', 0, int(5)]]),
      listOf([['q', 4, int(5)]]),
      listOf([['9s', 1, int(5)]]),
    ]
    for (const bytes of wrong) {
      const name = uniqueName()
      writeFileSync(shmPath(name), bytes)
      using file = new ReadFile(shmPath(name))
      expect(listLength(file)).to.equal(undefined)
    }
  })

  it('ls to a reader that has enough', async () => {
    const { code, stderr } = await runNode(['-e', `require('child_process').execSync("'${process.execPath}' '${program}' ls | true")`])
    expect([code, stderr]).to.deep.equal([0, ''])
    expect((await cli('ls')).code).to.equal(0)
  })
})

type Item = readonly [format: string, code: number, slot: Buffer]

function int(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

/** A ShareableList as CPython writes it. */
function listOf(items: readonly Item[]): Buffer {
  const ends = items.map((_, i) => items.slice(0, i + 1).reduce((sum, [, , slot]) => sum + slot.length, 0))
  const offsets = [0, ...ends].map(int)
  const formats = items.map(([format]) => Buffer.from(format.padEnd(8, '\0')))
  return Buffer.concat([
    int(items.length),
    ...offsets,
    ...items.map(([, , slot]) => slot),
    ...formats,
    Buffer.from(items.map(([, code]) => code)),
  ])
}
