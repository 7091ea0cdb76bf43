/** C types: names, typecodes, constants, sizes and alignments, held against koffi and against a C compiler. */
import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import koffi from 'koffi'
import * as mp from '../../lib/index.js'
import { compileC, wrongType } from '../fixtures/unit-helpers.js'
import { cTypes, library } from '../fixtures/unit-types.js'

/** How koffi calls what C calls otherwise. */
const koffiNames: Record<string, string> = { _Bool: 'bool', 'signed char': 'int8_t', ssize_t: 'intptr_t' }

/** The type that a RawValue of `type` has. */
function typeOf(type: mp.TypeLike): mp.CType {
  const value = mp.RawValue(type)
  const found = value.type
  value.close()
  return found
}

describe('C types', () => {
  let layout: Map<string, { size: number; alignment: number }>

  before(() => {
    const { program, remove } = compileC('test/interop/ctypes-layout.c')
    const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n')
    remove()
    layout = new Map(
      lines.map((line) => line.split('|')).map(([name, size, second]) => [name ?? '', { size: Number(size), alignment: Number(second) }]),
    )
  })

  for (const [name, code, c] of cTypes) {
    describe(name, () => {
      it('is the same by name and by constant', () => {
        expect(library[name].name).to.equal(name)
        expect(String(library[name])).to.equal(name)
        expect(typeOf(name)).to.equal(library[name])
        expect(typeOf(library[name])).to.equal(library[name])
      })

      if (code !== '') it(`is the same by Python's typecode ${code}`, () => expect(typeOf(code)).to.equal(library[name]))

      it('has the size and alignment that koffi and the C compiler give it', () => {
        const { size, alignment } = library[name]
        const ofKoffi = koffi.type(koffiNames[c] ?? c)
        expect({ size, alignment }).to.deep.equal(layout.get(c))
        expect({ size, alignment }).to.deep.equal({ size: ofKoffi.size, alignment: ofKoffi.alignment })
      })

      it('takes that many bytes in an array', () => {
        using array = mp.RawArray(name, 3)
        const bytes: unknown = name === 'c_char' ? Reflect.get(array, 'raw') : array
        if (name === 'c_bool') expect(array.length).to.equal(3)
        else expect(bytes).to.have.property('byteLength', 3 * library[name].size)
      })

      it("is what koffi's type object of the same name means", () => {
        const given = typeOf(koffi.type(koffiNames[c] ?? c))
        expect(given.size).to.equal(library[name].size)
        expect(given.format).to.equal(library[name].format)
      })
    })
  }

  it('has no type but these', () => {
    const exported = Object.keys(mp).filter((key) => key.startsWith('c_'))
    expect(exported.sort()).to.deep.equal(cTypes.map(([name]) => name).sort())
  })

  it('tells types of different bytes apart and those of the same bytes not', () => {
    const formats = new Map(cTypes.map(([name]) => [name, library[name].format]))
    expect(formats.get('c_int')).to.equal(formats.get('c_int32'))
    expect(formats.get('c_long')).to.equal(formats.get('c_int64'))
    const kinds = [
      'c_bool',
      'c_char',
      'c_byte',
      'c_ubyte',
      'c_short',
      'c_ushort',
      'c_int',
      'c_uint',
      'c_long',
      'c_ulong',
      'c_float',
      'c_double',
    ]
    expect(new Set(kinds.map((name) => formats.get(name as 'c_int'))).size).to.equal(kinds.length)
  })

  describe('refused, with the argument and what came', () => {
    const bad: [string, unknown, RegExp][] = [
      ['an unknown name', 'c_quux', /`type`.*'c_quux'/],
      ['a name in capitals', 'C_INT', /'C_INT'/],
      ['an empty name', '', /''/],
      ['an unknown typecode', 'z', /'z'/],
      ['a name that every object has', 'constructor', /'constructor'/],
      ['__proto__', '__proto__', /'__proto__'/],
      ['undefined', undefined, /`type`.*undefined/],
      ['null', null, /`type`.*null/],
      ['a number', 4, /`type`.*4/],
      ['a symbol', Symbol('c_int'), /`type`.*Symbol/],
      ['a function', Number, /`type`.*Number/],
      ['a list', ['c_int'], /`type`.*c_int/],
      ['a plain object', { name: 'c_int', size: 4 }, /`type`.*name/],
      ['a look-alike', { kind: 'scalar', fingerprint: 1, name: 'c_int', size: 4 }, /`type`/],
      ['a constant that went through JSON', JSON.parse(JSON.stringify(mp.c_int)), /`type`/],
      ["koffi's pointer", koffi.pointer('int'), /`type`.*int \*.*can't be shared/],
      ["koffi's string", koffi.type('str'), /`type`.*can't be shared/],
      ["koffi's void", koffi.type('void'), /`type`.*can't be shared/],
      ["koffi's big-endian integer", koffi.type('int16_be_t'), /`type`.*can't be shared/],
      ["koffi's array", koffi.array('int', 3), /`type`.*can't be shared/],
      ["koffi's union", koffi.union({ a: 'int', b: 'float' }), /`type`.*can't be shared/],
      ["koffi's struct with a pointer", koffi.struct({ a: 'int', b: 'void *' }), /`type`.*can't be shared/],
    ]
    for (const [what, type, message] of bad) {
      it(what, () => {
        wrongType(() => mp.RawValue(type as never), message)
        wrongType(() => mp.Value(type as never, 0 as never), message)
        wrongType(() => mp.RawArray(type as never, 1), message)
        wrongType(() => mp.Array(type as never, 1), message)
      })
    }
  })
})
