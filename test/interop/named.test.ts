/** A C program and this library at one object: header, data and lock, both ways. */
import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { expect } from 'chai'
import { Lock, RawArray, RawValue, RLock, Array as SharedArray, struct, Value } from '../../lib/index.js'
import { answer, compileC, end, refused, rejectionOf, removeNames, start, thrownBy, uniqueName } from '../fixtures/unit-helpers.js'

type Running = ChildProcessByStdio<Writable, Readable, null>

describe('a C program', () => {
  let program: string
  let remove: () => void
  const running: Running[] = []

  before(() => {
    ;({ program, remove } = compileC('test/interop/named.c'))
  })
  after(() => remove())
  afterEach(() => {
    for (const each of running.splice(0)) each.kill('SIGKILL')
    removeNames()
  })

  /** Runs a command to its end. */
  const c = (...words: (string | number)[]): string => execFileSync(program, words.map(String), { encoding: 'utf8' }).trim()

  /** Starts a command that says a line and then waits for one. */
  async function begin(line: string, ...words: (string | number)[]): Promise<Running> {
    const child = spawn(program, words.map(String), { stdio: ['pipe', 'pipe', 'inherit'] })
    running.push(child)
    const lines = createInterface(child.stdout)
    const [said] = await once(lines, 'line')
    expect(said).to.equal(line)
    return child
  }

  async function finish(child: Running): Promise<void> {
    const exited = once(child, 'exit')
    child.stdin.end('\n')
    expect(await exited).to.deep.equal([0, null])
  }

  const header = (name: string): Record<string, string> =>
    Object.fromEntries(
      c('inspect', name)
        .split('\n')
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]),
    )

  describe('reads the header of', () => {
    const cases: [string, (name: string) => { toJSON(): { segment: { id: string } }; close(): void }, Record<string, string>][] = [
      [
        'a Value',
        (name) => Value('c_int', 1, { name }),
        { object: '1', lock: '2', length: '1', element: '4', type: 'c_int', 'locked at': '256', 'data at': '320' },
      ],
      [
        'a RawValue',
        (name) => RawValue('c_double', 1, { name }),
        { object: '1', lock: '0', length: '1', element: '8', type: 'c_double', 'locked at': '0' },
      ],
      [
        'an Array',
        (name) => SharedArray('c_long', 100, { name }),
        { object: '2', lock: '2', length: '100', element: '8', 'data at': '320' },
      ],
      [
        'a large RawArray',
        (name) => RawArray('c_short', 5000, { name }),
        { object: '2', lock: '0', length: '5000', element: '2', 'data at': '4096' },
      ],
      ['an empty Array', (name) => RawArray('c_int', 0, { name }), { object: '2', length: '0', element: '4' }],
      ['a struct', (name) => RawValue(struct('Point', { x: 'd', y: 'd' }), undefined, { name }), { element: '16', type: 'Point' }],
      ['a Lock', (name) => Lock({ name }), { object: '3', lock: '1', length: '0', element: '0', 'locked at': '256' }],
      ['an RLock', (name) => RLock({ name }), { object: '4', lock: '2', length: '0' }],
      ['a type with a long name', (name) => RawValue(struct('S'.repeat(100), { x: 'd' }), undefined, { name }), { type: 'S'.repeat(39) }],
    ]
    for (const [what, make, expected] of cases) {
      it(what, () => {
        const name = uniqueName()
        const object = make(name)
        expect(header(name)).to.include({ ...expected, creator: String(process.pid), id: object.toJSON().segment.id, owner: '0' })
        object.close()
      })
    }
  })

  it('reads what we wrote, and we read what it wrote', () => {
    for (const [type, written, other] of [
      ['c_int', -5, 7],
      ['c_double', 0.1, -1e300],
      ['c_long', 2 ** 40, -3],
    ] as const) {
      const name = uniqueName()
      using value = Value(type as 'c_int', written, { name })
      expect(Number(c('read', name, 0))).to.equal(written)
      c('write', name, 0, other)
      expect(Number(value.value)).to.equal(other)
      using array = SharedArray('c_double', [1, 2, 3], { name: uniqueName() })
      c('write', array.name ?? '', 2, 0.5)
      c('double', array.name ?? '')
      expect([...array]).to.deep.equal([2, 4, 1])
    }
  })

  it('works on a large Array in place', () => {
    using array = SharedArray(
      'c_double',
      Float64Array.from({ length: 100_000 }, (_, i) => i),
      { name: uniqueName() },
    )
    c('double', array.name ?? '')
    expect(array.every((each, i) => each === 2 * i)).to.equal(true)
  })

  it('finds no object under a name that was unlinked', () => {
    using value = Value('c_int', 1, { name: uniqueName() })
    value.unlink()
    expect(spawnSync(program, ['inspect', value.name ?? ''], { encoding: 'utf8' })).to.include({
      status: 1,
      stderr: 'shm_open: No such file or directory\n',
    })
  })

  for (const kind of ['sign', 'mute'] as const) {
    const signed = kind === 'sign'
    describe(`that holds the lock${signed ? ' and signs it' : ''}`, () => {
      it('keeps us out until it lets go', async () => {
        using value = Value('c_int', 1, { name: uniqueName() })
        const holder = await begin('held', 'hold', value.name ?? '', kind)
        expect(value.tryAcquire()).to.equal(false)
        expect(value.acquire(1)).to.equal(false)
        expect(value.getLock().locked).to.equal(true)
        expect(value.getLock().owner).to.deep.equal({ pid: signed ? holder.pid : 0, tid: holder.pid })
        refused(() => value.release(), 'ERR_NOT_OWNER')
        await finish(holder)
        expect(value.tryAcquire()).to.equal(true)
        expect(value.getLock().ownerDied).to.equal(false)
        value.release()
      })

      it('is waited for, without blocking and blocking', async () => {
        using value = Value('c_int', 1, { name: uniqueName() })
        const first = await begin('held', 'hold', value.name ?? '', kind)
        const later = value.withLockAsync(() => value.add(1))
        await finish(first)
        expect(await later).to.equal(1)
        const second = await begin('held', 'hold', value.name ?? '', kind)
        second.stdin.end('\n')
        expect(value.withLock(() => value.value)).to.equal(2)
      })

      it('and is killed: we get the lock at once, and are told', async () => {
        using value = Value('c_int', 1, { name: uniqueName() })
        const warned = once(process, 'warning')
        const holder = await begin('held', 'hold', value.name ?? '', kind)
        await end(holder)
        expect(value.acquire(0)).to.equal(true)
        expect(value.getLock().ownerDied).to.equal(true)
        value.release()
        expect(value.getLock().ownerDied).to.equal(false)
        const [warning] = (await warned) as [Error & { code: string }]
        expect([warning.name, warning.code]).to.deep.equal(['OwnerDiedWarning', 'SHAREDCTYPES_OWNER_DIED'])
        expect(warning.message).to.include(signed ? `process ${holder.pid} died` : 'a process died')
        expect(c('take', value.name ?? '')).to.equal('taken 1')
      })

      it("and is killed: onOwnerDied 'throw' throws, a function mends, each knows who it was", async () => {
        const name = uniqueName()
        using strict = Lock({ name, onOwnerDied: 'throw' })
        const died: number[] = []
        const first = await begin('held', 'hold', name, kind)
        await end(first)
        for (const error of [thrownBy(() => strict.acquire()), await rejectionOf(strict.acquireAsync())])
          expect(error).to.include({ name: 'OwnerDiedError', code: 'ERR_OWNER_DIED', pid: signed ? first.pid : 0 })
        using mending = Lock({ name, onOwnerDied: (_lock, { pid }) => died.push(pid) })
        mending.withLock(() => {})
        expect(died).to.deep.equal([signed ? first.pid : 0])
        strict.withLock(() => {})
      })

      it('and is killed while we wait for it', async () => {
        using value = Value('c_int', 1, { name: uniqueName() })
        const warned = once(process, 'warning')
        const holder = await begin('held', 'hold', value.name ?? '', kind)
        const waiting = value.withLockAsync(() => value.getLock().ownerDied)
        await end(holder)
        expect(await waiting).to.equal(true)
        await warned
      })
    })
  }

  it('takes the lock when we let it go, and sees what we did meanwhile', async () => {
    using value = Value('c_int', 1, { name: uniqueName() })
    value.acquire()
    const taker = spawn(program, ['take', value.name ?? ''], { stdio: ['pipe', 'pipe', 'inherit'] })
    running.push(taker)
    const said = once(createInterface(taker.stdout), 'line')
    expect(header(value.name ?? '').owner).to.equal(String(process.pid))
    value.value = 5
    value.release()
    expect(await said).to.deep.equal(['taken 5'])
  })

  it('gets the lock of a killed Node process, and is told by EOWNERDEAD', async () => {
    const name = uniqueName()
    using value = Value('c_int', 1, { name })
    const holder = start('unit-holder', [name])
    expect(await answer(holder)).to.equal('held')
    await end(holder)
    expect(c('take', name)).to.equal('owner died 2')
    expect(value.acquire(0)).to.equal(true)
    expect([value.getLock().ownerDied, value.value]).to.deep.equal([false, 2])
    value.release()
  })

  it('and this process, 100,000 locked increments each, lose none', async () => {
    for (const type of ['c_int', 'c_double'] as const) {
      using value = Value(type, 0, { name: uniqueName() })
      const other = await begin('ready', 'increment', value.name ?? '', 100_000)
      const exited = once(other, 'exit')
      other.stdin.write('\n')
      const lock = value.getLock()
      for (let i = 0; i < 100_000; i++) {
        lock.acquire()
        value.value += 1
        lock.release()
      }
      expect(await exited).to.deep.equal([0, null])
      expect(value.value).to.equal(200_000)
    }
  })

  it('and asynchronous flows of this process lose none either', async () => {
    using value = Value('c_int', 0, { name: uniqueName() })
    const other = await begin('ready', 'increment', value.name ?? '', 20_000)
    const exited = once(other, 'exit')
    other.stdin.write('\n')
    const flow = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) await value.withLockAsync(async () => (value.value += 1))
    }
    await Promise.all(Array.from({ length: 5 }, flow))
    await exited
    expect(value.value).to.equal(20_500)
  })
})
