/** Names and modes: what may be given, and what comes of it. */
import { existsSync, statSync } from 'node:fs'
import { expect } from 'chai'
import { Lock, Value } from '../../lib/index.js'
import { outOfRange, removeNames, shmPath, uniqueName, wrongType } from '../fixtures/unit-helpers.js'
import { kindNames, kinds } from '../fixtures/unit-kinds.js'

describe('options of named objects', () => {
  afterEach(removeNames)

  describe('mode', () => {
    const modeOf = (name: string): number => statSync(shmPath(name)).mode & 0o7777

    it('is 0o600, unless given, whatever the umask', () => {
      const before = process.umask(0o077)
      try {
        const cases: [number | undefined, number][] = [
          [undefined, 0o600],
          [0o666, 0o666],
          [0o640, 0o640],
          [0o777, 0o777],
          [0o400, 0o400],
        ]
        for (const [mode, expected] of cases) {
          const name = uniqueName()
          using value = Value('c_int', 1, mode === undefined ? { name } : { name, mode })
          expect([value.value, modeOf(name)]).to.deep.equal([1, expected])
        }
        process.umask(0)
        const name = uniqueName()
        Lock({ name }).close()
        expect(modeOf(name)).to.equal(0o600)
      } finally {
        process.umask(before)
      }
    })

    it('is that of whoever made it', () => {
      const name = uniqueName()
      using _first = Value('c_int', 1, { name, mode: 0o640 })
      using _second = Value('c_int', 1, { name, mode: 0o666 })
      expect(modeOf(name)).to.equal(0o640)
    })

    it('is checked', () => {
      const name = uniqueName()
      for (const mode of [-1, 0o1000, 1.5, Number.NaN]) outOfRange(() => Value('c_int', 0, { name, mode }), '`mode`', String(mode))
      for (const mode of ['600', null, 6n]) wrongType(() => Value('c_int', 0, { name, mode: mode as never }), '`mode`')
      expect(existsSync(shmPath(name))).to.equal(false)
    })
  })

  describe('names', () => {
    it('have 1 to 200 characters of A-Z a-z 0-9 . _ -', () => {
      const long = uniqueName().padEnd(200, 'x')
      for (const name of [long, `${uniqueName()}-.A_z9`, `.${uniqueName()}`]) {
        const value = Value('c_int', 0, { name })
        expect(existsSync(shmPath(name))).to.equal(true)
        value.unlink()
        value.close()
      }
    })

    const bad = [
      '',
      '/',
      '//x',
      'a/b',
      '../x',
      '/../x',
      '.',
      '..',
      '/.',
      'a b',
      'ä',
      'a\0b',
      'a:b',
      '😀',
      'x\n',
      'x'.repeat(201),
      `/${'x'.repeat(201)}`,
    ]
    for (const kind of kindNames) {
      it(`are refused if they are anything else: ${kind}`, () => {
        for (const name of bad) outOfRange(() => kinds[kind]({ name }), '`name`')
        for (const name of [5, null, {}, ['x'], true, Symbol('x')]) wrongType(() => kinds[kind]({ name: name as never }), '`name`')
        for (const create of ['yes', 1, null]) wrongType(() => kinds[kind]({ name: uniqueName(), create: create as never }), '`create`')
      })
    }
  })
})
