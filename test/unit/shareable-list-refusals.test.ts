/** What ShareableList refuses: code, class, what is named in the message; nothing changed, nothing left in /dev/shm or open. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { ShareableList, SharedMemory } from '../../lib/index.js'
import { descriptors, outOfRange, refused, removeNames, shmPath, thrownBy, uniqueName, wrongType } from '../fixtures/unit-helpers.js'
import { fixturePath } from '../helpers/paths.js'
import { ownShmFiles } from '../helpers/shm-files.js'
import { skipFor } from '../helpers/skip.js'

const wrongTypes: unknown[] = [
  undefined,
  {},
  [],
  [1],
  () => 1,
  Symbol('item'),
  new Date(0),
  /x/,
  new Map(),
  new Uint16Array(1),
  new Float64Array(1),
  new DataView(new ArrayBuffer(8)),
  new ArrayBuffer(8),
  Object(1),
  Object('text'),
  Object.create(null),
  Promise.resolve(1),
]
const wrongRanges: unknown[] = [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 70n, 2 ** 63, -(2 ** 64), 1e300, '\ud800', 'a\udc00b']

const nothingMade = () => expect(ownShmFiles()).to.deep.equal([])

describe('ShareableList refuses', () => {
  let open: number
  beforeEach(() => {
    open = descriptors().length
  })
  afterEach(() => {
    removeNames()
    expect(descriptors().length).to.equal(open)
  })

  /** Expects a list to be byte for byte what it was. */
  function unchanged(items: ConstructorParameters<typeof ShareableList>[0], attempt: (list: ShareableList) => void): void {
    using list = new ShareableList(items, { name: uniqueName() })
    const path = shmPath(list.name as string)
    const before = readFileSync(path)
    attempt(list)
    expect(readFileSync(path).equals(before)).to.equal(true)
  }
  const everything = [1, 0.5, true, null, 'text', Buffer.from('bytes'), 'text\0', 'a longer text']

  for (const value of wrongTypes) {
    it(`${inspect(value, { depth: -1 })} as an item: ERR_INVALID_ARG_TYPE`, () => {
      for (const name of [undefined, uniqueName()]) {
        wrongType(() => new ShareableList([1, value as never], name === undefined ? {} : { name }))
      }
      nothingMade()
      unchanged(everything, (list) => {
        for (const index of everything.keys()) {
          wrongType(() => list.set(index, value as never), 'value')
          wrongType(() => {
            list[index] = value as never
          }, 'value')
        }
      })
    })
  }

  for (const value of wrongRanges) {
    it(`${inspect(value)} as an item: ERR_OUT_OF_RANGE`, () => {
      outOfRange(() => new ShareableList([1, value as never], { name: uniqueName() }))
      nothingMade()
      unchanged(everything, (list) => {
        for (const index of everything.keys()) {
          if (index === 1 && typeof value === 'number') continue // a float's slot takes it
          outOfRange(() => list.set(index, value as never), 'value')
          outOfRange(() => {
            list[index] = value as never
          }, 'value')
        }
      })
    })
  }

  it('texts and bytes larger than their slot', () => {
    unchanged(everything, (list) => {
      for (const [index, item] of everything.entries()) {
        const room = item === 'a longer text' ? 16 : 8
        for (const value of ['x'.repeat(room + 1), '€'.repeat(room / 2), Buffer.alloc(room + 1), '\0'.repeat(room + 1)]) {
          outOfRange(() => list.set(index, value), String(room))
          outOfRange(() => {
            list[index - everything.length] = value
          })
        }
      }
    })
  })

  it('items of ten million bytes, and of a million that end in NUL', () => {
    outOfRange(() => new ShareableList([Buffer.alloc(10_000_000, 1)]))
    outOfRange(() => new ShareableList(['x'.repeat(10_000_000)]))
    outOfRange(() => new ShareableList([Buffer.alloc(1_000_000)]))
    outOfRange(() => new ShareableList([`${'x'.repeat(999_999)}\0`]))
    using list = new ShareableList([Buffer.alloc(999_999), Buffer.alloc(1_000_000, 1)], { name: uniqueName() })
    expect([(list[0] as Buffer).length, (list[1] as Buffer).length]).to.deep.equal([999_999, 1_000_000])
    outOfRange(() => list.set(1, Buffer.alloc(1_000_000)))
    expect((list[1] as Buffer).every((byte) => byte === 1)).to.equal(true)
  })

  describe('an index', () => {
    for (const index of [2, -3, 1000, 2 ** 32, 2 ** 53, -(2 ** 53), 0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 1]) {
      it(`of ${index} in a list of two`, () =>
        unchanged([1, 'a'], (list) => {
          outOfRange(() => list.get(index), 'index')
          outOfRange(() => list.set(index, 1), 'index')
        }))
    }
    it('in brackets: reading and assigning beyond either end', () =>
      unchanged([1, 'a'], (list) => {
        for (const index of [2, -3, 1000, -1000, 2 ** 32, 2 ** 32 + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          outOfRange(() => list[index], String(index))
          outOfRange(() => {
            list[index] = 1
          }, String(index))
        }
      }))
    for (const index of ['0', null, undefined, 0n, {}, true, Symbol('index')]) {
      it(`of type ${index === null ? 'null' : typeof index}`, () =>
        unchanged([1, 'a'], (list) => {
          for (const call of [() => list.get(index as never), () => list.set(index as never, 1)])
            expect(thrownBy(call)).to.have.property('code').that.is.oneOf(['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE'])
        }))
    }
  })

  it('what is no iterable, options that are none, names that are none', () => {
    for (const items of [5, true, {}, () => {}, Symbol('items'), 5n]) wrongType(() => new ShareableList(items as never))
    for (const options of [5, 'name', null, true]) wrongType(() => new ShareableList([1], options as never), '`options`')
    for (const name of [5, null, true, {}]) wrongType(() => new ShareableList([1], { name } as never), '`options.name`')
    for (const name of ['', '.', '..', 'a/b', 'a\0', 'x'.repeat(256)]) {
      outOfRange(() => new ShareableList([1], { name }), '`options.name`')
      outOfRange(() => new ShareableList(null, { name }), '`options.name`')
    }
    expect(() => (ShareableList as unknown as (items: unknown[]) => unknown)([1])).to.throw(TypeError)
  })

  it('creates without a name before anything gets one: no call links a block into place', function () {
    const folder = mkdtempSync(join(tmpdir(), 'sharedctypes-'))
    const trace = join(folder, 'trace')
    try {
      const traced = ['-f', '-q', '-e', 'trace=linkat,link,rename,openat', '-o', trace, process.execPath, fixturePath('shm-refusals')]
      const run = spawnSync('strace', traced, { encoding: 'utf8' })
      // Not installed, or not allowed to trace: in a container without the right to.
      if (run.error !== undefined || /Operation not permitted/.test(run.stderr)) skipFor(this, 'no strace here')
      const { attempts, refused: count, name } = JSON.parse(run.stdout) as { attempts: number; refused: number; name: string }
      expect(count).to.equal(attempts)
      const calls = readFileSync(trace, 'utf8').split('\n')
      const linked = calls.filter((call) => /psm_[0-9a-f]{8}/.test(call) && !/^\d+ +openat\(.*O_TMPFILE/.test(call))
      expect(linked.length).to.be.at.least(1) // the one at the end
      for (const call of linked) expect(call).to.include(name)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('an iterable that throws: its error, and nothing is left', () => {
    const name = uniqueName()
    const failing = function* () {
      yield 1
      throw new Error('from the iterable')
    }
    expect(thrownBy(() => new ShareableList(failing(), { name })).message).to.equal('from the iterable')
    nothingMade()
  })

  it('a name that exists: EEXIST, the list stays; one that is missing: ENOENT', () =>
    unchanged([1, 2], (list) => {
      const name = list.name as string
      expect(refused(() => new ShareableList([3], { name }), 'EEXIST')).to.include({ errno: -17, path: shmPath(name) })
      const missing = uniqueName()
      expect(refused(() => new ShareableList(null, { name: missing }), 'ENOENT')).to.include({ errno: -2, path: shmPath(missing) })
    }))

  it('a block that is no list: ERR_TYPE_MISMATCH', () => {
    const u64 = (...values: bigint[]) => Buffer.from(BigInt64Array.from(values).buffer)
    const files: [string, Buffer][] = [
      ['empty', Buffer.alloc(0)],
      ['too short for a length', Buffer.alloc(7)],
      ['too short for its offsets', Buffer.alloc(8)],
      ['a negative length', u64(-1n, 0n)],
      ['a huge length', u64(2n ** 62n, 0n)],
      ['a length whose bytes overflow', u64(2n ** 61n, 0n, 0n)],
      ['a length that the file has no room for', u64(5n, 0n, 8n)],
      ['an offset that is not 0 at first', u64(1n, 8n, 16n, 0n, 0n, 0n, 0n)],
      ['offsets that fall', u64(2n, 0n, 16n, 8n, 0n, 0n, 0n, 0n, 0n)],
      ['an offset beyond the end', u64(1n, 0n, 2n ** 40n, 0n, 0n, 0n)],
      ['a negative offset', u64(1n, 0n, -8n, 0n, 0n, 0n)],
      ['text', Buffer.from('this is no list, however long it may be')],
    ]
    for (const [what, bytes] of files) {
      const name = uniqueName()
      writeFileSync(shmPath(name), bytes)
      const error = thrownBy(() => {
        using list = new ShareableList(null, { name })
        list[0]
      })
      expect(error.code, what).to.equal('ERR_TYPE_MISMATCH')
      expect(readFileSync(shmPath(name)).equals(bytes)).to.equal(true)
    }
    using memory = new SharedMemory({ name: uniqueName(), create: true, size: 4096 })
    memory.buf.fill(255)
    refused(() => new ShareableList(null, { name: memory.name as string }), 'ERR_TYPE_MISMATCH')
  })
})
