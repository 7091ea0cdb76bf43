/** Structs: C's layout, live records, assignment of all fields or none. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect } from 'chai'
import koffi from 'koffi'
import { attach, RawArray, RawValue, type StructType, struct, Value } from '../../lib/index.js'
import { compileC, outOfRange, refused, removeNames, shmPath, uniqueName, wrongType } from '../fixtures/unit-helpers.js'

const Point = struct('Point', { x: 'c_double', y: 'c_double' })
const Mixed = struct('Mixed', { flag: 'c_bool', weight: 'd', tag: 'c_char', code: 'h', count: 'c_int', last: 'c_byte' })
const Arrays = struct('Arrays', { name: ['c_char', 5], values: ['c_int', 3], flags: ['c_bool', 2], total: 'c_long' })
const Nested = struct('Nested', { kind: 'c_char', at: Point, parts: [Mixed, 2], inner: Arrays, ratio: 'f' })

/** `array[index] = value`, for values that the compiler does not know to be assignable: what is read of an element is a record. */
const put = (array: object, index: number, value: unknown): boolean => Reflect.set(array, index, value)

const someArrays = { name: 'abc', values: [1, 2, 3], flags: [true, false], total: 7 }

describe('struct', () => {
  afterEach(removeNames)

  describe('layout', () => {
    let layout: Map<string, [size: number, second: number]>

    before(() => {
      const { program, remove } = compileC('test/interop/ctypes-layout.c')
      const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n')
      remove()
      layout = new Map(lines.map((line) => line.split('|')).map(([name, size, second]) => [name ?? '', [Number(size), Number(second)]]))
    })

    for (const type of [Point, Mixed, Arrays, Nested] as StructType[]) {
      it(`of ${type.name} is the C compiler's: size, alignment and every offset`, () => {
        expect([type.size, type.alignment]).to.deep.equal(layout.get(type.name))
        for (const [field, { offset, length, type: of }] of type.fields)
          expect([of.size * (length ?? 1), offset], field).to.deep.equal(layout.get(`${type.name}.${field}`))
      })
    }

    it('lies so in memory', () => {
      const name = uniqueName()
      using array = RawArray(Mixed, [{ flag: true, weight: 0.5, tag: 'é', code: -2, count: 258, last: -1 }], { name })
      const file = readFileSync(shmPath(name))
      const bytes = new DataView(file.buffer, file.byteOffset + Number(file.readBigUInt64LE(80)), Mixed.size)
      expect(array.length).to.equal(1)
      expect([bytes.getUint8(0), bytes.getFloat64(8, true), bytes.getUint8(16)]).to.deep.equal([1, 0.5, 0xe9])
      expect([bytes.getInt16(18, true), bytes.getInt32(20, true), bytes.getInt8(24)]).to.deep.equal([-2, 258, -1])
    })
  })

  describe('type', () => {
    it('tells itself by the name', () => {
      expect(Point.name).to.equal('Point')
      expect(String(Point)).to.equal('Point')
    })

    it('is equal in format to another of the same fields, and to no other', () => {
      const same = struct('Other', { x: 'd', y: 'c_double' })
      const swapped = struct('Point', { y: 'c_double', x: 'c_double' })
      const narrow = struct('Point', { x: 'c_float', y: 'c_float' })
      expect(same.format).to.equal(Point.format)
      expect(new Set([Point, swapped, narrow].map((type) => type.format)).size).to.equal(3)
    })

    it("is made from a koffi struct, with koffi's offsets", () => {
      const foreign = koffi.struct({ a: 'char', b: 'double', c: koffi.array('int', 3), d: koffi.struct({ e: 'bool', f: 'int64_t' }) })
      using value = RawValue(foreign)
      const members = koffi.type(foreign).members ?? {}
      const { fields, size } = value.type as StructType
      expect(size).to.equal(koffi.sizeof(foreign))
      for (const [name, { offset }] of fields) expect(offset, name).to.equal(members[name]?.offset)
      const record = value.value as { a: string; b: number; c: Int32Array; d: { e: boolean; f: bigint } }
      record.c[1] = -5
      record.d.f = 2n ** 40n
      record.a = 'z'
      expect([record.a, record.b, [...record.c], record.d.e, record.d.f]).to.deep.equal(['z', 0, [0, -5, 0], false, 2n ** 40n])
    })

    it('made from a packed koffi struct keeps its offsets, aligned or not, also through a handle', () => {
      const packed = koffi.pack({ a: 'char', b: 'int', c: koffi.array('int', 2) })
      using value = RawValue(packed)
      const record = value.value as { a: string; b: number; c: Iterable<number> }
      record.b = -7
      value.value = { a: 'x', b: record.b, c: [1, 2] } as never
      expect([value.type.size, record.a, record.b, [...record.c]]).to.deep.equal([13, 'x', -7, [1, 2]])
      using again = attach<typeof value>(value.toJSON())
      expect((again.value as { b: number }).b).to.equal(-7)
    })

    const bad: [string, () => unknown, RegExp][] = [
      ['a name that is no string', () => struct(5 as never, { x: 'c_int' }), /`name`.*5/],
      ['an empty name', () => struct('', { x: 'c_int' }), /`name`/],
      ['no fields', () => struct('E', {}), /`fields`/],
      ['fields that are no object', () => struct('E', null as never), /`fields`.*null/],
      ['an unknown type', () => struct('E', { x: 'c_nope' as never }), /`fields\.x`.*'c_nope'/],
      ['an unknown type in an array', () => struct('E', { x: ['c_nope' as never, 3] }), /`fields\.x`.*'c_nope'/],
      ['a koffi pointer', () => struct('E', { x: koffi.pointer('int') }), /`fields\.x`.*can't be shared/],
      ['a field name that is no C identifier', () => struct('E', { 'a-b': 'c_int' }), /'a-b'/],
      ['a field called toJSON', () => struct('E', { toJSON: 'c_int' }), /'toJSON'/],
      ['a field called constructor', () => struct('E', { constructor: 'c_int' } as never), /'constructor'/],
      ['a field called _, which koffi takes for padding', () => struct('E', { _: 'c_int' }), /'_'/],
      ['a field called __proto__', () => struct('E', JSON.parse('{"__proto__": "c_int"}')), /'__proto__'/],
    ]
    for (const [what, call, message] of bad) it(`refuses ${what}`, () => wrongType(call, message))

    for (const length of [0, -1, 1.5, Number.NaN, 2 ** 40, Number.POSITIVE_INFINITY]) {
      it(`refuses an array of length ${length}`, () => outOfRange(() => struct('E', { x: ['c_int', length] }), /fields\.x/, String(length)))
    }
    it('refuses an array whose length is no number', () => {
      for (const length of ['3', undefined, 3n])
        expect(['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE']).to.include(codeOf(() => struct('E', { x: ['c_int', length as never] })))
    })
    const codeOf = (call: () => unknown): unknown => {
      try {
        return call()
      } catch (error) {
        return (error as { code?: unknown }).code
      }
    }
  })

  describe('record', () => {
    it('is zero at first', () => {
      using value = Value(Nested)
      expect(value.value.toJSON?.()).to.deep.equal({
        kind: '\0',
        at: { x: 0, y: 0 },
        parts: [0, 1].map(() => ({ flag: false, weight: 0, tag: '\0', code: 0, count: 0, last: 0 })),
        inner: { name: '', values: [0, 0, 0], flags: [false, false], total: 0n },
        ratio: 0,
      })
    })

    it('is live, at every depth and through every object for the same memory', () => {
      using value = Value(Nested)
      using other = attach<typeof value>(value.toJSON())
      const record = value.value
      record.at.x = 1.5
      const [first, second] = record.parts
      if (first === undefined || second === undefined) throw new Error('two parts')
      second.count = 9
      record.inner.values[2] = -3
      record.inner.flags[1] = true
      record.inner.name.value = 'five!'
      record.inner.total = 2n ** 60n
      expect(other.value.at.x).to.equal(1.5)
      expect([first.count, other.value.parts[1]?.count]).to.deep.equal([0, 9])
      expect([...other.value.inner.values]).to.deep.equal([0, 0, -3])
      expect([...other.value.inner.flags]).to.deep.equal([false, true])
      expect(other.value.inner.name.value).to.equal('five!')
      expect(other.value.inner.total).to.equal(2n ** 60n)
      other.value.at.x += 1
      expect(record.at.x).to.equal(2.5)
    })

    it('has its fields in order, listed, shown and in JSON', () => {
      using value = RawValue(Point, { x: 1, y: -0 })
      const keys: string[] = []
      for (const key in value.value) keys.push(key)
      expect(keys).to.deep.equal(['x', 'y'])
      expect('x' in value.value).to.equal(true)
      expect(inspect(value.value)).to.equal('Point { x: 1, y: -0 }')
      expect(JSON.stringify(value.value)).to.equal('{"x":1,"y":0}')
    })

    it('assigns all fields from a plain object, in one', () => {
      using value = Value(Arrays, someArrays)
      expect(value.value.toJSON?.()).to.deep.equal({ ...someArrays, total: 7n })
      value.value = { name: ['a', '\0', 'c', 'd', 'e'], values: new Int32Array([4, 5, 6]), flags: new Set([false, true]), total: 2n }
      expect([...value.value.name]).to.deep.equal(['a', '\0', 'c', 'd', 'e'])
      expect([...value.value.values]).to.deep.equal([4, 5, 6])
      expect([...value.value.flags]).to.deep.equal([false, true])
    })

    it('is assigned from another record, and from itself', () => {
      using array = RawArray(Arrays, [someArrays, { ...someArrays, name: 'other', total: 8 }])
      put(array, 0, array[1])
      expect(array[0]?.toJSON?.()).to.deep.equal({ ...someArrays, name: 'other', total: 8n })
      put(array, 0, array[0])
      expect(array[0]?.toJSON?.()).to.deep.equal(array[1]?.toJSON?.())
    })

    const wrong: [string, unknown, string][] = [
      ['a missing field', { name: 'x', values: [1, 2, 3], flags: [true, true] }, 'ERR_INVALID_ARG_TYPE'],
      ['an unknown field', { ...someArrays, extra: 1 }, 'ERR_INVALID_ARG_TYPE'],
      ['a last field of the wrong type', { ...someArrays, name: 'new', values: [9, 9, 9], total: '7' }, 'ERR_INVALID_ARG_TYPE'],
      ['a last field out of range', { ...someArrays, name: 'new', values: [9, 9, 9], total: 2n ** 63n }, 'ERR_OUT_OF_RANGE'],
      ['an element out of range', { ...someArrays, name: 'new', values: [9, 9, 2 ** 31] }, 'ERR_OUT_OF_RANGE'],
      ['too few elements', { ...someArrays, name: 'new', values: [9, 9] }, 'ERR_INVALID_ARG_TYPE'],
      ['too many elements', { ...someArrays, name: 'new', flags: [true, true, true] }, 'ERR_INVALID_ARG_TYPE'],
      ['a text that is too long', { ...someArrays, values: [9, 9, 9], name: 'sechs!' }, 'ERR_OUT_OF_RANGE'],
      ['a number', 5, 'ERR_INVALID_ARG_TYPE'],
      ['null', null, 'ERR_INVALID_ARG_TYPE'],
      ['undefined', undefined, 'ERR_INVALID_ARG_TYPE'],
    ]
    for (const [what, value, code] of wrong) {
      it(`keeps all of what it was when it is given ${what}`, () => {
        using raw = RawValue(Arrays, someArrays)
        refused(() => Object.assign(raw, { value }), code)
        expect(raw.value.toJSON?.()).to.deep.equal({ ...someArrays, total: 7n })
        if (value !== undefined) refused(() => Value(Arrays, value as never), code, Error, 'initial')
      })
    }

    it('checks a single field, and says which', () => {
      using value = RawValue(Mixed)
      outOfRange(() => (value.value.code = 40000), 'code', '40000')
      wrongType(() => (value.value.flag = 1 as never), 'flag')
      outOfRange(() => (value.value.tag = 'ab'), 'tag')
      outOfRange(() => (value.value.weight = value.value.last = 200), 'last')
      expect(value.value.toJSON?.()).to.deep.equal({ flag: false, weight: 0, tag: '\0', code: 0, count: 0, last: 0 })
    })

    it('throws ERR_CLOSED once its object is closed', () => {
      const value = Value(Nested)
      const record = value.value
      const { at, inner, parts } = record
      const { values, name, flags } = inner
      value.close()
      const uses = [
        () => record.kind,
        () => (record.kind = 'a'),
        () => at.x,
        () => parts[0],
        () => name.value,
        () => [...flags],
        () => record.toJSON?.(),
      ]
      for (const use of uses) refused(use, 'ERR_CLOSED')
      expect(values.length).to.equal(0)
    })
  })
})
