/** Handles that are garbage or forged: each field's lies are refused, here and in another process, and nothing stays open. */
import type { ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { expect } from 'chai'
import { attach, type Handle, Lock, RawArray, RawValue, Array as SharedArray, type SharedObject, struct, Value } from '../../lib/index.js'
import { changed, elsewhere, refusedEverywhere } from '../fixtures/unit-handles.js'
import { end, removeNames, root, start, thrownBy, uniqueName, wrongType } from '../fixtures/unit-helpers.js'

describe('handles that are garbage or forged', () => {
  let child: ChildProcess
  before(() => {
    child = start('unit-echo')
  })
  after(() => end(child))
  afterEach(removeNames)

  for (const garbage of [undefined, null, 5, true, '', 'x', '{}', '[]', 'null', {}, [], new Map(), { handle: 1 }, '{"sharedctypes":'])
    it(`${JSON.stringify(garbage) ?? 'undefined'} is none`, () => refusedEverywhere(child, garbage, 'ERR_INVALID_ARG_TYPE'))
  it('neither a function nor a symbol is one', () => {
    for (const garbage of [() => 1, Symbol('handle')]) wrongType(() => attach(garbage as never), '`handle`')
  })

  const garbled: [string, unknown[]][] = [
    ['kind', ['Nope', 5, null, undefined, 'constructor', ['Value']]],
    ['lock', ['Nope', 5, undefined, 'constructor', {}, []]],
    [
      'type',
      [
        'c_nope',
        5,
        null,
        undefined,
        {},
        { struct: 'P' },
        { struct: 'P', fields: { a: 'c_nope' } },
        { struct: 'P', fields: { a: ['c_int', 0] } },
      ],
    ],
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
          await refusedEverywhere(
            child,
            changed(object.toJSON(), field, value),
            'ERR_INVALID_ARG_TYPE',
            'ERR_OUT_OF_RANGE',
            'ERR_TYPE_MISMATCH',
          )
      }
    })
  }

  it('of another version are ERR_TYPE_MISMATCH', () => {
    using value = Value('c_int')
    return refusedEverywhere(child, { ...value.toJSON(), sharedctypes: 2 }, 'ERR_TYPE_MISMATCH')
  })

  it('nested without end are refused, not a stack overflow', async () => {
    using value = Value('c_int', 7)
    const handle = value.toJSON()
    let [deepLock, deepType] = [handle, handle]
    for (let i = 0; i < 50_000; i++) {
      deepLock = { ...handle, lock: deepLock }
      deepType = { ...handle, type: { struct: 'P', size: 4, alignment: 4, fields: { a: [deepType.type ?? 'c_int', 0] } } }
    }
    for (const deep of [deepLock, deepType]) {
      const { code } = thrownBy(() => attach(deep))
      expect(code).to.be.oneOf(['ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH'])
    }
  })

  describe('forged', () => {
    using box = RawValue(struct('Box', { a: 'c_int' }))
    const boxed = box.toJSON().type as NonNullable<Handle['type']>

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
        ['a struct for a number', (h) => ({ ...h, type: boxed }), 'ERR_TYPE_MISMATCH'],
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
          await refusedEverywhere(child, forge(object.toJSON()), ...codes)
          using sound = attach(object.toJSON())
          expect(sound.toJSON()).to.deep.equal(object.toJSON())
        })
      }

      it(`${what} with another descriptor or process: ERR_STALE_HANDLE where the segment is not open yet`, async () => {
        using object = make()
        const handle = object.toJSON()
        const before = await elsewhere(child, {})
        for (const [field, value] of [
          ['fd', 19_999],
          ['fd', 0],
          ['fd', 2 ** 32 + handle.segment.fd],
          ['pid', 2 ** 30],
          ['pid', 2 ** 32 + process.pid],
          ['pid', 0],
        ] as const) {
          const { error, open } = await elsewhere(child, { read: changed(handle, `segment.${field}`, value) })
          // A named object is found by its name, wherever the handle was made.
          const expected = object.name === undefined ? 'ERR_STALE_HANDLE' : undefined
          expect(error?.code, `${field} ${value}`).to.be.oneOf([expected, 'ERR_INVALID_ARG_TYPE'])
          expect(open).to.equal(before.open)
        }
      })
    }

    it('a given lock that is no lock: refused, here as there', async () => {
      using value = Value('c_int', 7, { lock: Lock() })
      using other = RawValue('c_int', 7)
      await refusedEverywhere(child, { ...value.toJSON(), lock: other.toJSON() }, 'ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH')
      await refusedEverywhere(child, { ...value.toJSON(), lock: { ...value.toJSON() } }, 'ERR_INVALID_ARG_TYPE', 'ERR_TYPE_MISMATCH')
    })

    it('to lead to a file that is no segment: ERR_TYPE_MISMATCH; to a pipe or a device: the same', async () => {
      using value = RawArray('c_int', 5000)
      for (const [path, flags] of [
        [`${root}package.json`, 'r'],
        ['/dev/null', 'r'],
        ['/dev/shm', 'r'],
      ] as const) {
        const fd = openSync(path, flags)
        const segment = { id: '0123456789abcdef', pid: process.pid, fd, inode: fstatSync(fd).ino }
        const { error } = await elsewhere(child, { read: { ...value.toJSON(), segment } })
        expect(error?.code, path).to.be.oneOf(['ERR_TYPE_MISMATCH', 'EISDIR'])
        closeSync(fd)
      }
    })
  })
})
