/** Where CPython's ShareableList is known to be at fault: shown on Python's side, and that ours is not, while Python still uses the same list. */
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { ShareableList } from '../../lib/index.js'
import { outOfRange, removeNames, shmPath, uniqueName } from '../fixtures/unit-helpers.js'
import type { Wire } from '../helpers/items.js'
import { defaultPython, type Partner, PythonError, startPartner } from '../helpers/python.js'

/** They are there up to 3.13. A later Python may have mended some; then ours is tested alone. */
const faulty = defaultPython !== undefined && Number(defaultPython.version.split('.')[1]) <= 13

const str = (text: string): Wire => ['str', text]
const bytes = (text: string): Wire => ['bytes', Buffer.from(text, 'latin1').toString('hex')]
const int = (value: number | bigint): Wire => ['int', String(value)]

describe("the known faults of Python's ShareableList", () => {
  let partner: Partner
  before(function () {
    partner = startPartner(this)
  })
  after(() => partner?.end())
  afterEach(removeNames)

  /** A list of Python's alone. */
  async function theirs(items: readonly Wire[]): Promise<{ key: number; name: string }> {
    const [key, name] = [partner.key(), uniqueName()]
    await partner.tell('list', { key, name, items })
    return { key, name }
  }
  /** Python at a list of ours. */
  async function at(list: ShareableList): Promise<number> {
    const key = partner.key()
    await partner.tell('list', { key, name: list.name as string })
    return key
  }
  const forget = async (...keys: number[]) => {
    for (const key of keys) await partner.tell('forget', { key })
  }
  const inPython = (check: () => void) => {
    if (faulty) check()
  }

  it('NULs at the end are lost: ours are whole, and Python sees what it would see from itself', async () => {
    const python = await theirs([str('a\0'), bytes('b\0\0'), bytes('\0'), str('\0c\0')])
    const stripped = [str('a'), bytes('b'), bytes(''), str('\0c')]
    const lost = await partner.tell('items', { key: python.key })
    inPython(() => expect(lost).to.deep.equal(stripped))

    const values = ['a\0', Buffer.from('b\0\0'), Buffer.from('\0'), '\0c\0']
    using list = new ShareableList(values, { name: uniqueName() })
    const key = await at(list)
    expect([...list]).to.deep.equal(values)
    expect(await partner.tell('items', { key })).to.deep.equal(stripped)
    using again = new ShareableList(null, { name: list.name as string })
    expect([...again]).to.deep.equal(values)
    // Python's next write, over one of ours and over its own, and ours over Python's.
    for (const [index, text] of ['longer!', 'x\0', 'x'].entries()) await partner.tell('set', { key, index, item: str(text) })
    expect([...list]).to.deep.equal(['longer!', 'x', 'x', '\0c\0'])
    list[0] = 'y\0\0'
    expect(list[0]).to.equal('y\0\0')
    expect(await partner.tell('items', { key })).to.deep.equal([str('y'), str('x'), str('x'), str('\0c')])
    await forget(key, python.key)
  })

  it('a str of more bytes than characters is cut: ours has room for its UTF-8, and Python reads it whole', async () => {
    const texts = ['€€€', 'ééééé', '😀😀😀', 'ж'.repeat(15)]
    const python = await theirs(texts.map(str))
    const cut = await partner.tell('items', { key: python.key })
    inPython(() => {
      expect(cut[0]).to.deep.equal(['error', 'UnicodeDecodeError'])
      expect(cut).not.to.deep.include(str(texts[1] as string))
    })

    using list = new ShareableList(texts, { name: uniqueName() })
    const key = await at(list)
    expect([...list]).to.deep.equal(texts)
    expect(await partner.tell('items', { key })).to.deep.equal(texts.map(str))
    await forget(key, python.key)
  })

  it('[-4] of three items reads what is no item: ours is a RangeError', async () => {
    const python = await theirs([int(1), int(2), int(3)])
    const [read] = await partner.all(['get', { key: python.key, index: -4 }])
    inPython(() => expect(read).to.deep.equal(int('q'.charCodeAt(0)))) // the format of the first item, as an int

    using list = new ShareableList([1, 2, 3], { name: uniqueName() })
    for (const index of [-4, -5, 3, -1000]) {
      outOfRange(() => list[index], String(index))
      outOfRange(() => list.get(index), String(index))
    }
    expect([list[-3], list[-1], list.get(-2)]).to.deep.equal([1, 3, 2])
    await forget(python.key)
  })

  it('[-4] of three items assigned spoils the list: ours is a RangeError and changes nothing', async () => {
    const python = await theirs([int(1), int(2), int(3)])
    await partner.all(['set', { key: python.key, index: -4, item: int(7) }])
    const spoilt = await partner.tell('items', { key: python.key })
    inPython(() => expect(spoilt).to.deep.equal([['error', 'error'], int(2), int(113)])) // struct.error, 2, a format

    using list = new ShareableList([1, 2, 3], { name: uniqueName() })
    const before = readFileSync(shmPath(list.name as string))
    for (const index of [-4, 3]) {
      outOfRange(() => {
        list[index] = 7
      }, String(index))
      outOfRange(() => list.set(index, 7), String(index))
    }
    expect(readFileSync(shmPath(list.name as string)).equals(before)).to.equal(true)
    await forget(python.key)
  })

  it('a refused 2 ** 70 leaves 0 behind: ours leaves what was there', async () => {
    const items = [int(5), ['float', '3fe0000000000000'] as Wire, str('text')]
    const python = await theirs(items)
    for (const index of items.keys()) {
      const [error] = await partner.all(['set', { key: python.key, index, item: int(2n ** 70n) }])
      expect(error).to.be.instanceOf(PythonError)
    }
    const zeroed = await partner.tell('items', { key: python.key })
    inPython(() => expect(zeroed).to.deep.equal([int(0), int(0), int(0)]))

    using list = new ShareableList([5, 0.5, 'text'], { name: uniqueName() })
    const key = await at(list)
    const before = readFileSync(shmPath(list.name as string))
    for (const index of items.keys()) outOfRange(() => list.set(index, 2n ** 70n), '1180591620717411303424')
    expect([...list]).to.deep.equal([5, 0.5, 'text'])
    expect(readFileSync(shmPath(list.name as string)).equals(before)).to.equal(true)
    expect(await partner.tell('items', { key })).to.deep.equal(items)
    await forget(key, python.key)
  })

  it('a create that fails leaves its block behind: ours leaves nothing', async () => {
    const [name, other] = [uniqueName(), uniqueName()]
    await partner.refusal('list', { key: partner.key(), name, items: [int(1), int(2n ** 70n)] })
    inPython(() => expect(existsSync(shmPath(name))).to.equal(true))
    outOfRange(() => new ShareableList([1, 2n ** 70n], { name: other }))
    expect(existsSync(shmPath(other))).to.equal(false)
  })
})
