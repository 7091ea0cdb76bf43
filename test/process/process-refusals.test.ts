/** What Process refuses, and that a refusal leaves nothing behind. */
import { expect } from 'chai'
import { Lock, Process, RawValue, Value } from '../../lib/index.js'
import commonJs from '../fixtures/process-commonjs.cjs'
import defaultWork from '../fixtures/process-default.js'
import * as targets from '../fixtures/process-targets.js'
import { codeThrown, thrown } from '../helpers/errors.js'
import { fixturePath, fixtureUrl, freshName } from '../helpers/paths.js'
import { descriptors } from '../helpers/proc.js'
import { processOf, run, runNode, targetsUrl } from '../helpers/run.js'

/** A function that no module exports. */
function local(): void {}

describe('Process refuses', () => {
  const refusals: Record<string, { target: () => void; module?: string | URL; code: string; says: RegExp }> = {
    'a function without a name': { target: (() => () => {})(), code: 'ERR_NOT_EXPORTED', says: /without a name/ },
    'a function that is not exported': { target: local, code: 'ERR_NOT_EXPORTED', says: /no export 'local' \(it has .*addOne.*\)/ },
    'a function exported under another name': { target: targets.renamed, code: 'ERR_NOT_EXPORTED', says: /no export 'hidden'/ },
    'a constant that holds an unexported function': {
      target: targets.hiddenFunction,
      code: 'ERR_NOT_EXPORTED',
      says: /no export 'hidden'/,
    },
    'a function exported as default': {
      target: defaultWork,
      module: fixtureUrl('process-default'),
      code: 'ERR_NOT_EXPORTED',
      says: /no export 'work'/,
    },
    'a function of another module': {
      target: targets.nothing,
      module: fixtureUrl('process-default'),
      code: 'ERR_NOT_EXPORTED',
      says: /'nothing'/,
    },
    'a function of a CommonJS module that does not export it': {
      target: commonJs.notOne,
      module: fixtureUrl('process-commonjs').replace(/js$/, 'cjs'),
      code: 'ERR_NOT_EXPORTED',
      says: /no export 'unexported'/,
    },
    'a module that does not exist': {
      target: targets.nothing,
      module: fixturePath('no-such-module'),
      code: 'ENOENT',
      says: /no-such-module/,
    },
    'a folder as a module': { target: targets.nothing, module: new URL('.', targetsUrl), code: 'EISDIR', says: /EISDIR/ },
  }
  for (const [what, { target, module, code, says }] of Object.entries(refusals)) {
    it(`${what}, at start`, () => {
      const child = new Process(target, [], { module: module ?? targetsUrl })
      const before = descriptors()
      const error = thrown(() => child.start())
      expect(error.code).to.equal(code)
      expect(error.message).to.match(says)
      expect(child.pid).to.equal(undefined)
      expect(child.isAlive).to.equal(false)
      expect(descriptors()).to.deep.equal(before)
    })
  }

  it('says how to export a target', () => {
    const { message } = thrown(() => processOf(local).start())
    expect(message).to.include('export function local').and.include('`module`')
  })

  const badArguments: Record<string, () => unknown> = {
    'no target': () => processOf(undefined as unknown as () => void),
    'a target that is no function': () => processOf('nothing' as unknown as () => void),
    'arguments that are no array': () => processOf(targets.nothing, 'text' as unknown as unknown[]),
    'a set of arguments': () => processOf(targets.nothing, new Set() as unknown as unknown[]),
    'null for arguments': () => processOf(targets.nothing, null as unknown as unknown[]),
    'options that are no object': () => new Process(targets.nothing, [], 5 as unknown as object),
    'null for options': () => new Process(targets.nothing, [], null as unknown as object),
    'a name that is no string': () => processOf(targets.nothing, [], { name: 5 as unknown as string }),
    'a module that is no URL or path': () => processOf(targets.nothing, [], { module: 5 as unknown as string }),
    'an empty module': () => processOf(targets.nothing, [], { module: '' }),
    'execArgv that is no array': () => processOf(targets.nothing, [], { execArgv: '--no-warnings' as unknown as string[] }),
    'execArgv of what are no strings': () => processOf(targets.nothing, [], { execArgv: [5] as unknown as string[] }).start(),
    'env that is no object': () => processOf(targets.nothing, [], { env: 'A=1' as unknown as NodeJS.ProcessEnv }),
    'stdio of another word': () => processOf(targets.nothing, [], { stdio: 'ipc' as unknown as 'pipe' }),
    'stdio of two words': () => processOf(targets.nothing, [], { stdio: ['pipe', 'pipe'] as unknown as 'pipe' }),
    'stdio with a descriptor': () => processOf(targets.nothing, [], { stdio: [0, 1, 2] as unknown as 'pipe' }),
  }
  for (const [what, refused] of Object.entries(badArguments)) {
    it(what, () => {
      const before = descriptors()
      const error = thrown(refused)
      expect(error).to.be.instanceOf(TypeError)
      expect(error.code).to.equal('ERR_INVALID_ARG_TYPE')
      expect(descriptors()).to.deep.equal(before)
    })
  }

  describe('arguments that can not be handed over, at start, and leaves nothing behind:', () => {
    const counter = RawValue('c_int', 0)
    const unclonable: Record<string, unknown> = {
      'a function': () => {},
      'a symbol': Symbol('mine'),
      'a promise': Promise.resolve(),
      'a WeakMap': new WeakMap(),
      'a function deep inside, behind a shared object': [counter, new Map([['key', { deep: [() => {}] }]])],
    }
    for (const [what, value] of Object.entries(unclonable)) {
      it(what, () => {
        const child = processOf(targets.nothing, [counter, value])
        const before = descriptors()
        const error = thrown(() => child.start())
        expect(error.name).to.equal('DataCloneError')
        expect(error.message).to.match(/could not be cloned/)
        expect(child.pid).to.equal(undefined)
        expect(descriptors()).to.deep.equal(before)
      })
    }

    it('a closed object', () => {
      const value = Value('c_int', 0)
      value.close()
      const before = descriptors()
      const child = processOf(targets.nothing, [{ value }])
      expect(codeThrown(() => child.start())).to.equal('ERR_CLOSED')
      expect(descriptors()).to.deep.equal(before)
    })

    it('a Value whose lock is not of this library', () => {
      const value = Value('c_int', 0, { lock: { acquire: () => {}, release: () => {} } })
      expect(codeThrown(() => processOf(targets.nothing, [value]).start())).to.equal('ERR_INVALID_ARG_TYPE')
      value.close()
    })

    it('an environment that the system does not take', () => {
      const before = descriptors()
      const child = processOf(targets.nothing, [Lock()], { env: { HUGE: 'x'.repeat(1 << 20) } })
      expect(codeThrown(() => child.start())).to.equal('E2BIG')
      expect(child.isAlive).to.equal(false)
      expect(descriptors()).to.deep.equal(before)
    })
  })

  it('accepts a function of a CommonJS module', async () => {
    const counter = RawValue('c_int', 0)
    const module = fixtureUrl('process-commonjs').replace(/js$/, 'cjs')
    expect((await run(commonJs.addTen, [counter], { module })).code).to.equal(0)
    expect(counter.value).to.equal(10)
  })

  it('accepts a module as URL, file URL or path', async () => {
    const counter = RawValue('c_int', 0)
    for (const module of [new URL(targetsUrl), targetsUrl, fixturePath('process-targets')])
      expect((await run(targets.addOne, [counter], { module })).code).to.equal(0)
    expect(counter.value).to.equal(3)
  })

  for (const caught of [false, true]) {
    it(`start while a child imports its module, or it would go on for ever (${caught ? 'caught' : 'uncaught'})`, async () => {
      const name = freshName('bomb')
      const imports = Value('c_int', 0, { name })
      const env = { ...process.env, BOMB_NAME: name, ...(caught ? { BOMB_CAUGHT: '1' } : {}) }
      const { stdout, stderr } = await runNode([fixturePath('process-bomb')], { env })
      expect(imports.value).to.equal(2) // the program's own, and its child's
      if (caught) expect(stdout).to.equal('ERR_INVALID_STATE\n')
      else expect(stderr).to.include('isMainProcess')
      imports.unlink()
      imports.close()
    })
  }
})
