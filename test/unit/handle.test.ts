/** Handles: there and back, in this process and another; forged and stale ones. */
import type { ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { expect } from 'chai'
import { Array as SharedArray, attach, type Handle, Lock, RawArray, RawValue, RLock, type SharedObject, struct, Value } from '../../lib/index.js'
import type { Answer, Question } from '../fixtures/unit-echo.js'
import { answer, ask, descriptors, end, refused, removeNames, root, start, thrownBy, uniqueName, wrongType } from '../fixtures/unit-helpers.js'
import type { Made } from '../fixtures/unit-maker.js'

const Point = struct('Point', { x: 'c_double', tags: ['c_char', 3], inner: struct('Inner', { flag: 'c_bool', n: ['c_short', 2] }) })
const point = { x: 1.5, tags: 'ab\0', inner: { flag: true, n: [3, -4] } }

describe('handles', () => {
  let child: ChildProcess
  before(() => {
    child = start('unit-echo')
  })
  after(() => end(child))
  afterEach(removeNames)

  async function elsewhere(question: Question): Promise<Answer> {
    const [only] = await ask<Answer[]>(child, [question])
    return only as Answer
  }

  /** Expects a handle to be refused here and in another process, with nothing left open. */
  async function refusedEverywhere(handle: unknown, ...codes: string[]): Promise<void> {
    const open = descriptors().length
    const error = thrownBy(() => attach(handle as Handle))
    expect(codes, error.stack).to.include(error.code)
    expect(descriptors().length).to.equal(open)
    const before = await elsewhere({})
    const after = await elsewhere({ read: handle })
    expect(codes, JSON.stringify(after)).to.include(after.error?.code)
    expect([after.open, after.bytes]).to.deep.equal([before.open, before.bytes])
  }

  const objects: [string, () => SharedObject, unknown][] = [
    ['a Value', () => Value('c_int', 7), 7],
    ['a RawValue', () => RawValue('c_long', 7), 7n],
    ['a c_bool', () => Value('c_bool', true), true],
    ['a struct', () => Value(Point, point), point],
    ['an Array', () => SharedArray('c_double', [1, 2]), [1, 2]],
    ['a RawArray', () => RawArray('c_ulong', [1n]), [1n]],
    ['an empty Array', () => SharedArray('c_int', []), []],
    ['a large Array', () => SharedArray('c_byte', new Int8Array(5000).fill(-3)), Array.from({ length: 5000 }, () => -3)],
    ['a text', () => SharedArray('c_char', 'text'), 'text'],
    ['an Array of c_bool', () => RawArray('c_bool', [true, false]), [true, false]],
    ['an Array of structs', () => SharedArray(Point, [point, point]), [point, point]],
    ['a named Value', () => Value('c_int', 7, { name: uniqueName() }), 7],
    ['a Value with a given lock', () => Value('c_int', 7, { lock: RLock() }), 7],
  ]
  for (const [what, make, content] of objects) {
    it(`of ${what} lead to it, as an object, as JSON, in another process, and onwards`, async () => {
      using object = make()
      const handle = object.toJSON()
      for (const each of [handle, JSON.stringify(handle), JSON.parse(JSON.stringify(object)), structuredClone(handle)]) {
        using attached = attach(each)
        expect(attached.toJSON()).to.deep.equal(handle)
        expect(Reflect.get(attached, 'type').format).to.equal(Reflect.get(object, 'type').format)
        expect(attached.constructor).to.equal(object.constructor)
      }
      expect((await elsewhere({ read: handle })).content).to.deep.equal(content)
      expect((await elsewhere({ read: JSON.stringify(handle) })).content).to.deep.equal(content)
    })
  }

  it('of locks keep their kind and policy', () => {
    for (const [lock, policy] of [[Lock(), undefined], [RLock(), undefined], [Lock({ onOwnerDied: 'throw' }), 'throw']] as const) {
      const attached = attach<typeof lock>(lock.toJSON())
      expect([attached.toJSON().kind, attached.toJSON().onOwnerDied]).to.deep.equal([lock.toJSON().kind, policy])
      lock.withLock(() => expect(attached.locked).to.equal(true))
      for (const each of [lock, attached]) each.close()
    }
  })

  it('are plain data, which tells what the object is', () => {
    using value = Value(Point, point)
    expect(value.toJSON()).to.include({ kind: 'Value', lock: 'RLock', length: 1 })
    expect(Object.getPrototypeOf(value.toJSON())).to.equal(Object.prototype)
  })

  for (const garbage of [undefined, null, 5, true, '', 'x', '{}', '[]', 'null', {}, [], new Map(), { handle: 1 }, '{"sharedctypes":'])
    it(`${JSON.stringify(garbage) ?? 'undefined'} is none`, () => refusedEverywhere(garbage, 'ERR_INVALID_ARG_TYPE'))
  it('neither a function nor a symbol is one', () => {
    for (const garbage of [() => 1, Symbol('handle')]) wrongType(() => attach(garbage as never), '`handle`')
  })

  const garbled: [string, unknown[]][] = [
    ['kind', ['Nope', 5, null, undefined, 'constructor', ['Value']]],
    ['lock', ['Nope', 5, undefined, 'constructor', {}, []]],
    ['type', ['c_nope', 5, null, undefined, {}, { struct: 'P' }, { struct: 'P', fields: { a: 'c_nope' } }, { struct: 'P', fields: { a: ['c_int', 0] } }]],
    ['length', [-1, 1.5, '1', null, undefined, Number.NaN, 2 ** 53, 1n]],
    ['segment', [5, null, undefined, 'x', {}]],
    ['segment.id', ['x', 5, '', 'g'.repeat(16), `${'0'.repeat(16)}0`, null]],
    ['segment.pid', [-1, 1.5, '1', null, undefined]],
    ['segment.fd', [-1, 1.5, '1', null, undefined]],
    ['segment.inode', [-1, 1.5, '1', null, undefined, 2 ** 60]],
    ['offset', [-8, 0.5, '1', null, undefined, Number.POSITIVE_INFINITY]],
    ['generation', [-1, 0.5, '1', null, undefined]],
    ['name', [5, null, '../etc', '', 'a/b', 'x'.repeat(300)]],
  ]
  for (const [field, values] of garbled) {
    it(`with garbage as \`${field}\` are refused`, async () => {
      for (const make of [() => Value('c_int', 7), () => RawArray('c_int', 5000)]) {
        using object = make()
        for (const value of values)
          await refusedEverywhere(changed(object.toJSON(), field, value), 'ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE', 'ERR_TYPE_MISMATCH')
      }
    })
  }

  it('of another version are ERR_TYPE_MISMATCH', () => {
    using value = Value('c_int')
    return refusedEverywhere({ ...value.toJSON(), sharedctypes: 2 }, 'ERR_TYPE_MISMATCH')
  })

  describe('forged', () => {
    const makers: [string, () => SharedObject][] = [
      ['of a Value', () => Value('c_int', 7)],
      ['of a RawValue', () => RawValue('c_int', 7)],
      ['of an Array', () => SharedArray('c_int', [1, 2, 3])],
      ['of a large Array', () => SharedArray('c_int', 5000)],
      ['of a named Value', () => Value('c_int', 7, { name: uniqueName() })],
    ]
    for (const [what, make] of makers) {
      const forgeries: [string, (handle: Handle) => Handle, ...string[]][] = [
        ['an offset beyond the segment', (h) => ({ ...h, offset: 2 ** 40 }), 'ERR_TYPE_MISMATCH'],
        ['an offset in the header', (h) => ({ ...h, offset: 0 }), 'ERR_TYPE_MISMATCH'],
        ['a misaligned offset', (h) => ({ ...h, offset: h.offset + 4 }), 'ERR_TYPE_MISMATCH'],
        ['a place where nothing is', (h) => ({ ...h, offset: h.offset + 64 * 500 }), 'ERR_STALE_HANDLE', 'ERR_TYPE_MISMATCH'],
        ['another inode', (h) => changed(h, 'segment.inode', h.segment.inode + 1), 'ERR_STALE_HANDLE'],
        ['another id', (h) => changed(h, 'segment.id', '0123456789abcdef'), 'ERR_STALE_HANDLE'],
        ['another generation', (h) => ({ ...h, generation: h.generation + 1 }), 'ERR_STALE_HANDLE'],
        ['a generation beyond 32 bits', (h) => ({ ...h, generation: h.generation + 2 ** 32 }), 'ERR_STALE_HANDLE', 'ERR_INVALID_ARG_TYPE'],
        ['another type', (h) => ({ ...h, type: 'c_float' }), 'ERR_TYPE_MISMATCH'],
        ['a struct for a number', (h) => ({ ...h, type: { struct: 'P', fields: { a: 'c_int' } } }), 'ERR_TYPE_MISMATCH'],
        ['another length', (h) => ({ ...h, length: h.length + 1 }), 'ERR_TYPE_MISMATCH'],
        ['a huge length', (h) => ({ ...h, length: 2 ** 53 - 1 }), 'ERR_TYPE_MISMATCH'],
        ['another kind', (h) => ({ ...h, kind: h.kind === 'Value' ? 'Array' : 'Value' }), 'ERR_TYPE_MISMATCH'],
        ['the kind of a lock', (h) => ({ ...h, kind: 'Lock' }), 'ERR_TYPE_MISMATCH'],
        ['another kind of lock', (h) => ({ ...h, lock: 'Lock' }), 'ERR_TYPE_MISMATCH'],
        ['another lock', (h) => ({ ...h, lock: h.lock === 'none' ? 'RLock' : 'none' }), 'ERR_TYPE_MISMATCH'],
        ['an object that is no lock as its lock', (h) => ({ ...h, lock: h }), 'ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH'],
      ]
      for (const [how, forge, ...codes] of forgeries) {
        it(`${what} with ${how}: ${codes.join(' or ')}`, async () => {
          using object = make()
          await refusedEverywhere(forge(object.toJSON()), ...codes)
          using sound = attach(object.toJSON())
          expect(sound.toJSON()).to.deep.equal(object.toJSON())
        })
      }

      it(`${what} with another descriptor or process: ERR_STALE_HANDLE where the segment is not open yet`, async () => {
        using object = make()
        const handle = object.toJSON()
        const before = await elsewhere({})
        for (const [field, value] of [['fd', 19_999], ['fd', 0], ['fd', 2 ** 32 + handle.segment.fd], ['pid', 2 ** 30], ['pid', 2 ** 32 + process.pid], ['pid', 0]] as const) {
          const { error, open } = await elsewhere({ read: changed(handle, `segment.${field}`, value) })
          expect(error?.code, `${field} ${value}`).to.be.oneOf(['ERR_STALE_HANDLE', 'ERR_INVALID_ARG_TYPE'])
          expect(open).to.equal(before.open)
        }
      })
    }

    it('a given lock that is no lock: refused, here as there', async () => {
      using value = Value('c_int', 7, { lock: Lock() })
      using other = RawValue('c_int', 7)
      await refusedEverywhere({ ...value.toJSON(), lock: other.toJSON() }, 'ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH')
      await refusedEverywhere({ ...value.toJSON(), lock: { ...value.toJSON() } }, 'ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH')
    })

    it('to lead to a file that is no segment: ERR_TYPE_MISMATCH; to a pipe or a device: the same', async () => {
      using value = RawArray('c_int', 5000)
      for (const [path, flags] of [[`${root}package.json`, 'r'], ['/dev/null', 'r'], ['/dev/shm', 'r']] as const) {
        const fd = openSync(path, flags)
        const segment = { id: '0123456789abcdef', pid: process.pid, fd, inode: fstatSync(fd).ino }
        const { error } = await elsewhere({ read: { ...value.toJSON(), segment } })
        expect(error?.code, path).to.be.oneOf(['ERR_TYPE_MISMATCH', 'EISDIR'])
        closeSync(fd)
      }
    })
  })

  describe('stale', () => {
    it('after close: ERR_STALE_HANDLE, also when others lie there by now', async () => {
      for (const make of [() => Value('c_int', 7), () => SharedArray('c_int', 3), () => RawArray('c_int', 5000), () => Lock()]) {
        const object = make()
        const handle = object.toJSON()
        object.close()
        await refusedEverywhere(handle, 'ERR_STALE_HANDLE')
        const next = Array.from({ length: 50 }, (): SharedObject => make())
        await refusedEverywhere(handle, 'ERR_STALE_HANDLE')
        for (const each of next) each.close()
      }
    })

    it('not while another process has the object, though its maker closed it', async () => {
      const value = Value('c_int', 7)
      const handle = value.toJSON()
      await elsewhere({ read: handle, keep: 1 })
      value.close()
      using again = attach<typeof value>(handle)
      expect(again.value).to.equal(7)
      again.close()
      await elsewhere({ close: 1 })
      await refusedEverywhere(handle, 'ERR_STALE_HANDLE')
    })

    it('when the process that made the object is gone; a named one is found by its name', async () => {
      const maker = start('unit-maker', [uniqueName()])
      const made = await answer<Made>(maker)
      using early = attach<Float64Array & SharedObject>(made.large)
      const exited = new Promise((resolve) => maker.once('exit', resolve))
      maker.send('exit')
      await exited
      early[9999] = 1.5
      expect((await elsewhere({ read: early.toJSON() })).content).to.have.property('9999', 1.5)
      for (const handle of [made.small, made.lock]) await refusedEverywhere(handle, 'ERR_STALE_HANDLE')
      const { error, content } = await elsewhere({ read: made.named })
      expect([error, content]).to.deep.equal([undefined, [1, 2, 3]])
    })

    it('of a closed object can not be made', () => {
      for (const object of [Value('c_int'), RawArray('c_int', 2), Lock()]) {
        object.close()
        refused(() => object.toJSON(), 'ERR_CLOSED')
      }
    })
  })
})

/** The handle with one field, or one of `segment`, changed. */
function changed(handle: Handle, field: string, value: unknown): Handle {
  const copy = structuredClone(handle) as unknown as Record<string, unknown>
  const [first = '', second] = field.split('.')
  if (second === undefined) copy[first] = value
  else (copy[first] as Record<string, unknown>)[second] = value
  return copy as unknown as Handle
}
