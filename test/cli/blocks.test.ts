/** Blocks without a header, and gc. */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect } from 'chai'
import type { Entry } from '../../lib/cli/entry.js'
import { SharedMemory } from '../../lib/index.js'
import { answer, end, removeNames, shmPath, start, uniqueName } from '../fixtures/unit-helpers.js'
import { ask, cli } from '../helpers/cli.js'
import { missingPython } from '../helpers/has-python.js'

async function lines(names: readonly string[]): Promise<Entry[]> {
  const entries = await ask<Entry[]>('ls')
  return names.flatMap((name) => entries.filter((entry) => entry.name === name))
}

describe('sharedctypes, blocks', () => {
  let maker: ChildProcess
  let names: string[]
  let user: string[]
  let automatic: string[]

  beforeEach(async () => {
    const prefix = uniqueName()
    maker = start('cli-blocks', [prefix])
    names = await answer<string[]>(maker)
    user = names.slice(0, 2)
    automatic = names.slice(2)
  })
  afterEach(async () => {
    await end(maker)
    await cli('rm', ...names)
    removeNames()
  })

  it('ls and inspect', async () => {
    const found = await lines(names)
    expect(found.map(({ type }) => type)).to.deep.equal(['SharedMemory', 'ShareableList(7)', 'SharedMemory', 'ShareableList(300)'])
    expect(found.map(({ size }) => size).slice(0, 3)).to.deep.equal([1000, 8 * 9 + 8 * 7 + 9 * 7, 5000])
    for (const each of found) expect(each).to.deep.include({ attached: 1, pids: [maker.pid], creator: null, lockedBy: [], problem: null })
    const items = [1, 'two', 2.5, null, true, { hex: '73697800' }, '4611686018427387904']
    expect(await ask('inspect', user[1] as string)).to.deep.include({ kind: 'ShareableList', items })
    const long = { items: Array.from({ length: 100 }, (_, i) => i), more: 200 }
    expect(await ask('inspect', automatic[1] as string)).to.deep.include(long)
    expect(await ask('inspect', user[0] as string)).to.deep.include({ kind: 'SharedMemory', bytes: { hex: '00'.repeat(256) } })
    const { stdout } = await cli('inspect', user[1] as string)
    expect(stdout).to.match(/^items +\[ 1, 'two', 2\.5, null, true, <Buffer 73 69 78 00>, 4611686018427387904n \]$/m)
  })

  it('who attaches is counted, until it closes', async () => {
    const name = user[0] as string
    const block = new SharedMemory({ name })
    const both = [maker.pid as number, process.pid].sort((a, b) => a - b)
    expect((await lines([name]))[0]).to.deep.include({ attached: 2, pids: both })
    block.close()
    expect((await lines([name]))[0]).to.deep.include({ attached: 1, pids: [maker.pid] })
  })

  it('gc leaves what is in use, and what a user named', async () => {
    const { removed } = await ask<{ removed: string[] }>('gc')
    for (const name of names) expect(removed).to.not.include(name)
    for (const name of names) expect(existsSync(shmPath(name)), name).to.equal(true)
  })

  it('gc removes what a killed process left, and says what', async () => {
    await end(maker)
    const { removed } = await ask<{ removed: string[] }>('gc')
    expect(removed).to.include.members(automatic)
    for (const name of user) expect(removed).to.not.include(name)
    expect((await lines(names)).map(({ name, attached }) => [name, attached])).to.deep.equal(user.map((name) => [name, 0]))
    const again = await cli('gc')
    expect([again.code, again.stderr]).to.deep.equal([0, ''])
    for (const name of names) expect(again.stdout).to.not.include(name)
  })

  it('those of CPython', function () {
    missingPython(this)
    const name = uniqueName()
    const program = `
import subprocess, sys
from multiprocessing import shared_memory
items = shared_memory.ShareableList([-5, 2.5, True, None, 'h\\u00e9', b'ab', 2 ** 62, 'x' * 20], name=sys.argv[1])
items[4] = 7
items[7] = None
print(subprocess.run(sys.argv[2:], capture_output=True, text=True).stdout)
items.shm.close()
items.shm.unlink()`
    const asked = [process.execPath, new URL('../../lib/cli/main.js', import.meta.url).pathname, 'inspect', name, '--json']
    const stdout = execFileSync('python3', ['-c', program, name, ...asked], { encoding: 'utf8' })
    const found = JSON.parse(stdout) as Entry & { items: unknown[] }
    expect(found).to.deep.include({ kind: 'ShareableList', type: 'ShareableList(8)', attached: 1, creator: null })
    expect(found.items).to.deep.equal([-5, 2.5, true, null, 7, { hex: '6162' }, '4611686018427387904', null])
  })
})
