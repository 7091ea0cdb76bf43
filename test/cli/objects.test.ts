/** Objects of every kind, made and held by a real process. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync, statSync, utimesSync } from 'node:fs'
import { expect } from 'chai'
import type { Entry } from '../../lib/cli/entry.js'
import { livesSince } from '../../lib/cli/processes.js'
import { answer, end, shmPath, start } from '../fixtures/unit-helpers.js'
import { ask, cli, list } from '../helpers/cli.js'
import { freshName } from '../helpers/paths.js'

const types = {
  value: 'Value<c_int>',
  long: 'RawValue<c_long>',
  nan: 'Value<c_double>',
  bool: 'Value<c_bool>',
  point: 'Value<Point>',
  array: 'Array<c_short>(3)',
  raw: 'RawArray<c_double>(1000)',
  chars: 'Array<c_char>(5)',
  lock: 'Lock',
  rlock: 'RLock',
  semaphore: 'Semaphore',
  bounded: 'BoundedSemaphore',
  condition: 'Condition',
  event: 'Event',
  barrier: 'Barrier',
  rwlock: 'RWLock',
}
const labels = Object.keys(types) as (keyof typeof types)[]
const held = ['value', 'lock', 'semaphore', 'rwlock']

describe('sharedctypes, objects', () => {
  let maker: ChildProcess
  let pid: number
  let prefix: string
  const fileOf = (label: string) => (label === 'semaphore' || label === 'bounded' ? `sem.${prefix}${label}` : prefix + label)

  beforeEach(async () => {
    prefix = `${freshName('cli')}-`
    maker = start('cli-maker', ['make', prefix])
    pid = maker.pid as number
    await answer(maker)
  })
  afterEach(async () => {
    await end(maker)
    await cli('rm', ...labels.map(fileOf))
  })

  it('ls tells name, type, size, who is attached, who made it, who locked it', async () => {
    const found = await list(prefix)
    expect(Object.keys(found).sort()).to.deep.equal([...labels].sort())
    for (const label of labels) {
      const expected: Entry = {
        name: fileOf(label),
        kind: types[label].replace(/^Raw|[<(].*$/g, ''),
        type: types[label],
        size: statSync(shmPath(fileOf(label))).size,
        attached: 1,
        pids: [pid],
        creator: { pid, alive: true },
        lockedBy: held.includes(label) ? [{ pid, alive: true }] : [],
        ownerDied: false,
        problem: null,
      }
      expect(found[label], label).to.deep.equal(expected)
    }
  })

  it('ls counts a second process while it lives', async () => {
    const second = start('cli-maker', ['attach', prefix])
    await answer(second)
    const both = [pid, second.pid as number].sort((a, b) => a - b)
    const during = await list(prefix)
    for (const label of ['value', 'semaphore']) expect(during[label]).to.deep.include({ attached: 2, pids: both })
    expect(during.lock).to.deep.include({ attached: 1, pids: [pid] })
    await end(second)
    const after = await list(prefix)
    for (const label of ['value', 'semaphore']) expect(after[label]).to.deep.include({ attached: 1, pids: [pid] })
  })

  it('ls after the creator was killed', async () => {
    await end(maker)
    const found = await list(prefix)
    for (const label of labels) {
      expect(found[label], label).to.deep.include({ attached: 0, pids: [], creator: { pid, alive: false } })
      expect(found[label]?.lockedBy, label).to.deep.equal(held.includes(label) ? [{ pid, alive: false }] : [])
      expect(found[label]?.ownerDied, label).to.equal(label === 'value' || label === 'lock')
    }
  })

  it('ls shows anonymous segments', async () => {
    const entries = (await ask<Entry[]>('ls')).filter(({ name, pids }) => name === null && pids.includes(pid))
    expect(entries.map(({ type }) => type).sort()).to.deep.equal(['Array<c_int>(100000)', 'arena(2)'])
    for (const each of entries) expect(each).to.deep.include({ attached: 1, creator: { pid, alive: true }, problem: null })
  })

  const owner = () => ({ owner: { pid, tid: pid } })
  const contents: Record<keyof typeof types, () => object> = {
    value: () => ({ lock: 'RLock', ...owner(), value: 42 }),
    long: () => ({ value: '4611686018427387904' }),
    nan: () => ({ value: 'NaN', owner: null }),
    bool: () => ({ value: true }),
    point: () => ({ bytes: { hex: '000000000000f03f0200000000000000' } }),
    array: () => ({ values: [1, -2, 3] }),
    raw: () => ({ values: Array(100).fill(0), more: 900 }),
    chars: () => ({ value: 'hello' }),
    lock: () => ({ lock: 'Lock', ...owner() }),
    rlock: () => ({ lock: 'RLock', owner: null }),
    semaphore: () => ({ value: 1, waiting: 0, holders: [{ pid, alive: true, held: 2 }] }),
    bounded: () => ({ value: 2, bound: 2, holders: [] }),
    condition: () => ({ waiting: 0 }),
    event: () => ({ set: true, waiting: 0 }),
    barrier: () => ({ parties: 3, waiting: 0, broken: false }),
    rwlock: () => ({ readers: 1, holders: [{ pid, alive: true, held: 1 }], writerInside: false, writerWaits: false }),
  }
  it('inspect tells the same, and what is inside', async () => {
    const lines = await list(prefix)
    for (const label of labels) {
      const found = await ask<object>('inspect', fileOf(label))
      expect(found, label).to.deep.include(lines[label])
      expect(found, label).to.deep.include(contents[label]())
    }
  })

  it('both print text, too', async () => {
    const { code, stdout } = await cli('ls')
    expect(code).to.equal(0)
    const line = stdout.split('\n').find((each) => each.startsWith(`${prefix}value `)) ?? ''
    expect(line.split(/ {2,}/)).to.deep.equal([`${prefix}value`, 'Value<c_int>', '4096', '1', `${pid} alive`, String(pid)])
    const one = await cli('inspect', fileOf('semaphore'))
    expect(one.stdout).to.match(/^type +Semaphore$/m)
    expect(one.stdout).to.match(new RegExp(`^attached +1 \\(${pid}\\)$`, 'm'))
    expect(one.stdout).to.match(/^value +1$/m)
    const dump = await cli('inspect', fileOf('point'))
    expect(dump.stdout).to.match(/^bytes +00000000 {2}00 00 00 00 00 00 f0 3f 02 00 .*\.\.\.\.$/m)
  })

  it('neither changes a byte or a time', async () => {
    const paths = labels.map((label) => shmPath(fileOf(label)))
    // Long ago, so that any read that counts would move it.
    for (const path of paths) utimesSync(path, 1000, 2000)
    const contentsOf = () => paths.map((path) => readFileSync(path).toString('base64'))
    const timesOf = () =>
      paths.map((path) => {
        const { atimeNs, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
        return [atimeNs, mtimeNs, ctimeNs].join(' ')
      })
    const before = contentsOf()
    for (const path of paths) utimesSync(path, 1000, 2000)
    const times = timesOf()
    await list(prefix)
    for (const label of labels) await ask('inspect', fileOf(label))
    expect(timesOf()).to.deep.equal(times)
    expect(contentsOf()).to.deep.equal(before)
  })

  it('a process that started later is not the creator, whatever its number', () => {
    expect(livesSince(process.pid, Date.now())).to.equal(true)
    expect(livesSince(process.pid, Date.now() - process.uptime() * 1000 - 10_000)).to.equal(false)
  })
})
