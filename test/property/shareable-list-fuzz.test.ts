/** Bytes that others can put where a ShareableList is expected, and handles: an error with a code, or values; never a crash. */
import { readFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { attach, type Handle, ShareableList, SharedMemory } from '../../lib/index.js'
import { type Coded, descriptors, removeNames, shmPath, uniqueName } from '../fixtures/unit-helpers.js'
import { someItem } from '../helpers/items.js'
import { changed, edges, someChanges } from '../helpers/list-damage.js'
import { ListModel } from '../helpers/list-model.js'

const READING = ['ERR_TYPE_MISMATCH']

/** The code that a call ends with; undefined if it ends well. What has none of our codes fails the test. */
function codeOf(call: () => unknown, codes: readonly string[]): string | undefined {
  try {
    call()
  } catch (error) {
    const { code, stack } = error as Coded
    expect(code, stack).to.be.oneOf([...codes])
    return code
  }
  return undefined
}

/** What every use of an item may give. */
function expectItem(value: unknown): void {
  if (value === null || ['number', 'boolean', 'string', 'bigint'].includes(typeof value)) return
  expect(value).to.be.instanceOf(Buffer)
}

/** Reads and writes all that there is. */
function use(list: ShareableList): void {
  const { length } = list
  expect(length).to.be.within(0, list.shm.size)
  for (let i = 0; i < length; i++) codeOf(() => expectItem(list.get(i)), READING)
  codeOf(() => list.format, READING)
  codeOf(() => [...list], READING)
  codeOf(() => list.index('nothing such'), [...READING, 'ERR_OUT_OF_RANGE'])
  codeOf(() => list.count(Buffer.from('x')), READING)
  expect(Object.keys(list).length).to.be.oneOf([0, length])
  expect(inspect(list)).to.be.a('string') // it is for looking at what is wrong
  for (let i = 0; i < length; i++) {
    for (const value of [1, 0.5, null, true, 'text', 'x\0', Buffer.alloc(9)])
      codeOf(() => {
        list[i] = value
      }, [...READING, 'ERR_OUT_OF_RANGE'])
    codeOf(() => expectItem(list[i - length]), READING)
  }
}

function openAndUse(name: string): void {
  let list: ShareableList | undefined
  codeOf(() => {
    list = new ShareableList(null, { name })
  }, READING)
  if (list === undefined) return
  use(list)
  list.close()
}

describe('what may be found where a ShareableList is expected', () => {
  afterEach(removeNames)

  const someList = fc.array(someItem, { maxLength: 10 }).map((items) => new ListModel(items, 'us').file())

  it('a list with any bytes changed, also by chance in its formats and codes', () => {
    const name = uniqueName()
    const open = descriptors().length
    fc.assert(
      fc.property(someList, someChanges, (sound, changes) => {
        writeFileSync(shmPath(name), changed(sound, changes))
        openAndUse(name)
      }),
      { numRuns: 1500 },
    )
    expect(descriptors().length).to.equal(open)
  })

  it('a list that is cut short or followed by something', () => {
    const name = uniqueName()
    fc.assert(
      fc.property(someList, fc.nat(), fc.uint8Array({ maxLength: 20 }), (sound, end, more) => {
        writeFileSync(shmPath(name), sound.subarray(0, end % (sound.length + 1)))
        openAndUse(name)
        writeFileSync(shmPath(name), Buffer.concat([sound, more]))
        using list = new ShareableList(null, { name }) // Python makes none such on Linux, but takes them
        use(list)
      }),
      { numRuns: 500 },
    )
  })

  it('any bytes', () => {
    const name = uniqueName()
    const length = fc.integer({ min: -2, max: 12 }).map((n) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt(n))
      return bytes
    })
    fc.assert(
      fc.property(length, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        for (const bytes of [Buffer.from(rest), Buffer.concat([start, rest])]) {
          writeFileSync(shmPath(name), bytes)
          openAndUse(name)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('bytes that change while the list is open', () => {
    fc.assert(
      fc.property(someList, someChanges, (sound, changes) => {
        const name = uniqueName()
        writeFileSync(shmPath(name), sound)
        using list = new ShareableList(null, { name })
        const { shm } = list
        shm.buf.set(changed(sound, changes))
        use(list)
        removeNames()
      }),
      { numRuns: 1000 },
    )
  })

  it('every word of a list changed to every edge of its range', () => {
    const name = uniqueName()
    writeFileSync(shmPath(name), '')
    const sound = new ListModel(
      [
        { kind: 'int', value: 5n },
        { kind: 'str', value: 'a longer text' },
        { kind: 'bytes', value: Buffer.from('x\0') },
      ],
      'us',
    ).file()
    for (let at = 0; at + 8 <= sound.length; at += 8) {
      for (const word of edges) {
        const bytes = Buffer.from(sound)
        bytes.writeBigInt64LE(word, at)
        writeFileSync(shmPath(name), bytes)
        openAndUse(name)
      }
    }
  })

  it('every code and every format of one or two characters', () => {
    const name = uniqueName()
    const sound = new ListModel([{ kind: 'str', value: 'text' }], 'us').file()
    const characters = [...'\0 qdsx?b0189-é\xff'].map((each) => each.charCodeAt(0) & 255)
    for (let code = 0; code < 256; code += code < 8 ? 1 : 31) {
      for (const first of characters) {
        for (const second of characters) {
          sound.set([first, second, 0], sound.length - 9)
          sound[sound.length - 1] = code
          writeFileSync(shmPath(name), sound)
          openAndUse(name)
        }
      }
    }
  })
})

describe('handles of a SharedMemory and a ShareableList with anything in them', () => {
  afterEach(removeNames)

  const anything = fc.oneof(
    fc.jsonValue(),
    fc.integer(),
    fc.bigInt().map(Number),
    fc.constantFrom<unknown>(
      'SharedMemory',
      'ShareableList',
      'Value',
      'RLock',
      'none',
      '',
      '..',
      '/dev/null',
      'psm_00000000',
      null,
      undefined,
    ),
  )
  // EACCES: a process that we may not look into.
  const CODES = ['EACCES', 'ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE', 'ERR_TYPE_MISMATCH', 'ERR_STALE_HANDLE']

  function attachAndUse(handle: unknown): void {
    codeOf(() => {
      using object = attach(handle as Handle)
      // The zeros of a block are an empty list.
      if (object instanceof ShareableList) expect([...object]).to.deep.equal(object.length === 0 ? [] : [1, 'text', null])
      else if (object instanceof SharedMemory) expect(object.buf.length).to.be.oneOf([100, object.size])
    }, CODES)
  }

  /** All the names of fields that a handle has, at any depth. */
  function fieldsOf(handle: object): (readonly string[])[] {
    return Object.entries(handle).flatMap(([key, value]): (readonly string[])[] => [
      [key],
      ...(typeof value === 'object' && value !== null ? fieldsOf(value).map((inner) => [key, ...inner]) : []),
    ])
  }

  function forged(handle: Handle, changes: readonly (readonly [readonly string[], unknown])[]): unknown {
    const copy = structuredClone(handle) as unknown as Record<string, unknown>
    for (const [path, value] of changes) {
      const owner = path.slice(0, -1).reduce<unknown>((each, key) => (each as Record<string, unknown> | undefined)?.[key], copy)
      if (typeof owner === 'object' && owner !== null) Object.assign(owner, { [path.at(-1) as string]: value })
    }
    return copy
  }

  it('are refused with a code, or lead to a sound object', () => {
    const objects = [
      new SharedMemory({ name: uniqueName(), create: true, size: 100 }),
      new SharedMemory({ create: true, size: 100 }),
      new ShareableList([1, 'text', null], { name: uniqueName() }),
      new ShareableList([1, 'text', null]),
    ]
    for (const object of objects) {
      const handle = object.toJSON()
      const fields = [...fieldsOf(handle), ['name'], ['type'], ['extra']]
      const open = descriptors().length
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.constantFrom(...fields), anything), { minLength: 1, maxLength: 3 }), (changes) => {
          attachAndUse(forged(handle, changes))
          attachAndUse(JSON.stringify(forged(handle, changes)))
        }),
        { numRuns: 700 },
      )
      expect(descriptors().length).to.equal(open)
    }
    for (const object of objects) {
      object.unlink()
      object.close()
    }
  })

  it('as JSON with any character changed, or cut short', () => {
    using list = new ShareableList([1, 'text', null], { name: uniqueName() })
    using memory = new SharedMemory({ name: uniqueName(), create: true, size: 100 })
    const texts = [list, memory].map((object) => JSON.stringify(object))
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }), (text, at, other) => {
        const place = at % text.length
        attachAndUse(text.slice(0, place) + other + text.slice(place + other.length))
        attachAndUse(text.slice(0, place))
      }),
      { numRuns: 1500 },
    )
    expect(readFileSync(shmPath(memory.name as string)).length).to.equal(100)
  })
})
