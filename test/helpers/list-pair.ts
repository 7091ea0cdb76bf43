/** One ShareableList at which this library and a CPython work in turn, each step compared with the model, byte by byte. */
import { deepStrictEqual, strictEqual } from 'node:assert'
import { readFileSync } from 'node:fs'
import { type ShareableItem, ShareableList, type ShareableValue } from '../../lib/index.js'
import { shmPath, thrownBy, uniqueName } from '../fixtures/unit-helpers.js'
import { type Item, plainOf, strippedOf, textOf, wireOf } from './items.js'
import { itemOf, ListModel, sameInPython } from './list-model.js'
import { type Partner, PythonError } from './python.js'

export type Side = 'us' | 'python'

/** A float that JavaScript takes for an int goes into a slot that holds a float already. */
const needsFloatSlot = (item: Item): boolean => item.kind === 'float' && Number.isInteger(item.value)

/** As a program writes it: whole numbers now as number, now as bigint. */
export function written(item: Item, asBigint: boolean): ShareableValue {
  return asBigint && item.kind === 'int' ? item.value : plainOf(item)
}

function makeOurs(items: readonly Item[], name: string): ShareableList {
  const list = new ShareableList(
    items.map((item, i) => (needsFloatSlot(item) ? 0.5 : written(item, i % 2 === 1))),
    { name },
  )
  for (const [i, item] of items.entries()) if (needsFloatSlot(item)) list.set(i, plainOf(item))
  return list
}

/** Ours: numbers by value, all else by content and type. */
function sameForUs(a: Item, b: Item): boolean {
  if (a.kind === 'int' && b.kind === 'float') return Number.isInteger(b.value) && BigInt(b.value) === a.value
  if (a.kind === 'float' && b.kind === 'int') return sameForUs(b, a)
  if (a.kind === 'float' && b.kind === 'float') return a.value === b.value
  const [[kind, text], [otherKind, otherText]] = [wireOf(a), wireOf(b)]
  return kind === otherKind && text === otherText
}

/** Python's: True is 1, and what ended in NUL does so no more. */
function sameForPython(a: Item, b: Item): boolean {
  const asNumber = (item: Item): Item => (item.kind === 'bool' ? { kind: 'int', value: BigInt(item.value) } : strippedOf(item))
  return sameForUs(asNumber(a), asNumber(b))
}

export class ListPair {
  readonly ours: ShareableList
  readonly model: ListModel
  readonly #partner: Partner
  readonly #key: number
  /** A list of Python's alone, which gets the same changes; undefined once it must differ. */
  readonly #alone: number
  #sameAlone: boolean

  private constructor(partner: Partner, ours: ShareableList, model: ListModel, keys: readonly [number, number], sameAlone: boolean) {
    this.#partner = partner
    this.ours = ours
    this.model = model
    ;[this.#key, this.#alone] = keys
    this.#sameAlone = sameAlone
  }

  /** A list made by one side, opened by the other. */
  static async make(partner: Partner, creator: Side, items: readonly Item[]): Promise<ListPair> {
    const [name, other] = [uniqueName(), uniqueName()]
    const [key, alone] = [partner.key(), partner.key()]
    const wires = items.map(wireOf)
    if (creator === 'python') await partner.tell('list', { key, name, items: wires })
    const ours = creator === 'us' ? makeOurs(items, name) : new ShareableList(null, { name })
    if (creator === 'us') await partner.tell('list', { key, name })
    await partner.tell('list', { key: alone, name: other, items: wires })
    return new ListPair(partner, ours, new ListModel(items, creator), [key, alone], creator === 'python' || items.every(sameInPython))
  }

  /** Assigns an item, or is refused as it should be; either way the list is then as the model says. */
  async set(side: Side, index: number, item: Item, asBigint: boolean): Promise<void> {
    if (side === 'python') {
      const fits = this.model.set(index, item, 'python')
      const [result] = await this.#partner.all(['set', { key: this.#key, index, item: wireOf(item) }])
      strictEqual(result instanceof PythonError ? result.kind : 'done', fits ? 'done' : 'ValueError')
      if (fits) await this.#follow(index, item)
    } else {
      await this.#setOurs(index, written(item, asBigint))
    }
  }

  async #setOurs(index: number, value: ShareableValue): Promise<void> {
    const assign = () => {
      if (index % 2 === 0) this.ours[index] = value as ShareableItem
      else this.ours.set(index, value)
    }
    const item = itemOf(value, this.model.at(index))
    if (item === undefined || !this.model.set(index, item, 'us')) {
      const error = thrownBy(assign)
      strictEqual(error.code, 'ERR_OUT_OF_RANGE', error.stack)
      return
    }
    assign()
    if (textOf(item).at(-1) === 0) this.#sameAlone = false
    await this.#follow(index, item)
  }

  /** Python's own list gets the same. */
  async #follow(index: number, item: Item): Promise<void> {
    if (this.#sameAlone) await this.#partner.tell('set', { key: this.#alone, index, item: wireOf(item) })
  }

  /** Tries what a side must refuse: nothing may change. */
  async refuse(side: Side, index: number, value: unknown, code: string): Promise<void> {
    if (side === 'us') {
      const error = thrownBy(() => this.ours.set(index, value as ShareableValue))
      strictEqual(error.code, code, error.stack)
      return
    }
    const error = await this.#partner.refusal('set', { key: this.#key, index, item: ['object', ''] })
    strictEqual(error.kind, index >= this.model.length ? 'IndexError' : 'KeyError')
  }

  /** Both sides, and the bytes between them, are what the model says. */
  async compare(): Promise<void> {
    const { ours, model } = this
    const { key, name } = { key: this.#key, name: ours.name as string }
    deepStrictEqual(readFileSync(shmPath(name)), model.file())
    deepStrictEqual([...ours], model.items.map(plainOf))
    deepStrictEqual([ours.length, ours.format], [model.length, model.plainFormat])
    const [items, about] = await this.#partner.all(['items', { key }], ['about', { key }])
    deepStrictEqual(
      items,
      model.items.map((item) => wireOf(strippedOf(item))),
    )
    deepStrictEqual(about, { length: model.length, format: model.format })
  }

  /** `index` and `count` of an item, by the rules of each side. */
  async find(item: Item): Promise<void> {
    const value = plainOf(item)
    const here = this.model.items.map((each) => sameForUs(each, item))
    strictEqual(this.ours.count(value), here.filter(Boolean).length)
    if (here.includes(true)) strictEqual(this.ours.index(value), here.indexOf(true))
    else strictEqual(thrownBy(() => this.ours.index(value)).code, 'ERR_OUT_OF_RANGE')
    const stripped = strippedOf(item)
    const there = this.model.items.map((each) => sameForPython(each, stripped))
    const question = { key: this.#key, item: wireOf(stripped) }
    const [count, index] = await this.#partner.all(['count', question], ['index', question])
    strictEqual(count, there.filter(Boolean).length)
    strictEqual(index instanceof PythonError ? index.kind : index, there.includes(true) ? there.indexOf(true) : 'ValueError')
  }

  /** What we made is what Python would have made alone, if no value forbids it; then everything goes. */
  async end(): Promise<void> {
    const name = this.ours.name as string
    if (this.#sameAlone) strictEqual(await this.#partner.tell('read', { key: this.#alone }), readFileSync(shmPath(name)).toString('hex'))
    this.ours.close()
    this.ours.unlink()
    await this.#partner.all(['unlink', { key: this.#alone }], ['forget', { key: this.#alone }], ['forget', { key: this.#key }])
  }
}
