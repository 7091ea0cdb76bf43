/** A C program and this library at one POSIX semaphore: sem_open("/name") finds ours, and we find its. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { expect } from 'chai'
import { attach, BoundedSemaphore, Semaphore } from '../../lib/index.js'
import { compileC, end, refused, removeNames, semPath, uniqueName } from '../fixtures/unit-helpers.js'
import { Actor } from '../helpers/actor.js'
import { asleepInC } from '../helpers/asleep.js'
import { idle, until } from '../helpers/deferred.js'

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly lines: Interface
}

describe('a C program at a named semaphore', () => {
  let program: string
  let remove: () => void
  const running: Running[] = []

  before(() => {
    ;({ program, remove } = compileC('test/interop/semaphore.c'))
  })
  after(() => remove())
  afterEach(() => {
    for (const { child } of running.splice(0)) child.kill('SIGKILL')
    removeNames()
  })

  /** Runs a command to its end. */
  const c = (command: string, name: string, number?: number): string =>
    execFileSync(program, [command, name, ...(number === undefined ? [] : [String(number)])], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const valueInC = (name: string) => Number(c('value', name))

  /** Starts a command that says a line, and comes back when it has. */
  async function begin(command: string, name: string, line: string): Promise<Running> {
    const child = spawn(program, [command, name], { stdio: ['pipe', 'pipe', 'inherit'] })
    const one = { child, lines: createInterface(child.stdout) }
    running.push(one)
    expect(await once(one.lines, 'line')).to.deep.equal([line])
    return one
  }

  /** A C program that sleeps in sem_wait; `taken` once it has its permit. */
  async function waiter(name: string): Promise<{ one: Running; taken: Promise<unknown> }> {
    const one = await begin('wait', name, 'waiting')
    const taken = once(one.lines, 'line')
    await asleepInC(one.child.pid as number)
    return { one, taken }
  }

  for (const [title, make] of [
    ['Semaphore', Semaphore],
    ['BoundedSemaphore', BoundedSemaphore],
  ] as const) {
    it(`counts with ours: ${title}`, () => {
      const name = uniqueName()
      using semaphore = make(3, { name })
      expect(existsSync(semPath(name))).to.equal(true)
      expect(valueInC(name)).to.equal(3)
      semaphore.acquire()
      expect(valueInC(name)).to.equal(2)
      expect(c('trywait', name)).to.equal('taken')
      expect(semaphore.value).to.equal(1)
      expect(semaphore.acquire()).to.equal(true)
      expect(c('trywait', name)).to.equal('none')
      expect(c('timedwait', name, 5)).to.equal('late')
      expect(semaphore.tryAcquire()).to.equal(false)
      c('post', name, 1)
      expect(semaphore.value).to.equal(1)
      semaphore.release(2)
      expect(valueInC(name)).to.equal(3)
    })
  }

  it('makes one that we open, with its value, by whatever options', () => {
    const name = uniqueName()
    c('create', name, 7)
    using first = Semaphore(1, { name })
    using second = Semaphore(1, { name, create: false })
    using third = attach<Semaphore>(JSON.stringify(first))
    expect([first.value, second.value, third.value]).to.deep.equal([7, 7, 7])
    refused(() => Semaphore(1, { name, create: true }), 'EEXIST')
    third.acquire()
    expect([first.value, valueInC(name)]).to.deep.equal([6, 6])
    expect(c('trywait', name)).to.equal('taken')
    expect(second.value).to.equal(5)
    first.release()
    expect(valueInC(name)).to.equal(6)
    c('post', name, 4)
    expect(second.value).to.equal(10)
  })

  it('made one that another of our processes opens too; what that held comes back', async () => {
    const name = uniqueName()
    c('create', name, 3)
    using semaphore = Semaphore(1, { name })
    const there = await new Actor('process').openObject(semaphore.toJSON())
    await there.call('use', 'acquire')
    await there.call('use', 'acquire')
    expect(valueInC(name)).to.equal(1)
    await there.actor.kill()
    expect(semaphore.value).to.equal(3)
    expect(valueInC(name)).to.equal(3)
  })

  it('is refused what it may not do: making one that is there, opening one that is not', () => {
    const name = uniqueName()
    using semaphore = Semaphore(2, { name })
    expect(() => c('create', name, 1)).to.throw(/File exists/)
    semaphore.unlink()
    expect(() => c('value', name)).to.throw(/No such file/)
    c('create', name, 5)
    using next = Semaphore(2, { name })
    expect([semaphore.value, next.value]).to.deep.equal([2, 5])
  })

  it('removes the name of ours, and we of its', () => {
    const name = uniqueName()
    using semaphore = Semaphore(2, { name })
    c('unlink', name)
    expect(existsSync(semPath(name))).to.equal(false)
    refused(() => semaphore.unlink(), 'ENOENT')
    semaphore.acquire()
    expect(semaphore.value).to.equal(1)
    c('create', name, 9)
    refused(() => semaphore.unlink(), 'ENOENT') // that is another
    using its = Semaphore(1, { name })
    its.unlink()
    expect(() => c('value', name)).to.throw(/No such file/)
  })

  for (const [title, prepare] of [
    ['that we made', (name: string) => Semaphore(0, { name })],
    [
      'that it made',
      (name: string) => {
        c('create', name, 0)
        return Semaphore(0, { name })
      },
    ],
  ] as const) {
    describe(`${title}, empty`, () => {
      it('sleeps in sem_wait until we release', async () => {
        const name = uniqueName()
        using semaphore = prepare(name)
        const { taken } = await waiter(name)
        semaphore.release()
        expect(await taken).to.deep.equal(['taken'])
        expect(semaphore.value).to.equal(0)
      })

      it('sleeps in several sem_wait, of which we wake as many as we release', async () => {
        const name = uniqueName()
        using semaphore = prepare(name)
        const waiters = [await waiter(name), await waiter(name), await waiter(name)]
        let gone = 0
        for (const { taken } of waiters) void taken.then(() => gone++)
        semaphore.release(2)
        await until(() => gone === 2)
        expect(valueInC(name)).to.equal(0)
        semaphore.release()
        await Promise.all(waiters.map(({ taken }) => taken))
        expect(semaphore.value).to.equal(0)
      })

      it('wakes us by sem_post: blocked, and not', async () => {
        const name = uniqueName()
        using semaphore = prepare(name)
        const actor = new Actor('process')
        const there = await actor.openObject(semaphore.toJSON())
        const theirs = there.begin('use', 'acquire')
        await actor.asleep()
        c('post', name, 1)
        expect(await theirs.done).to.equal(true)
        const ours = [semaphore.acquireAsync(), semaphore.acquireAsync()]
        c('post', name, 2)
        expect(await Promise.all(ours)).to.deep.equal([true, true])
        const all = [there.begin('use', 'acquire').done, there.begin('use', 'acquireAsync').done, semaphore.acquireAsync()]
        await actor.asleep()
        c('post', name, 3)
        expect(await Promise.all(all)).to.deep.equal([true, true, true])
        expect(semaphore.value).to.equal(0)
        await actor.kill()
        expect([semaphore.value, valueInC(name)]).to.deep.equal([3, 3]) // what that process held
      })

      it('and others of ours wait together: nobody is forgotten', async () => {
        const name = uniqueName()
        using semaphore = prepare(name)
        const actor = new Actor('process')
        const there = await actor.openObject(semaphore.toJSON())
        const theirs = there.begin('use', 'acquire')
        await actor.asleep()
        const inC = [await waiter(name), await waiter(name)]
        const ours = [semaphore.acquireAsync(), semaphore.acquireAsync()]
        c('post', name, 1)
        semaphore.release(2)
        c('post', name, 2)
        expect(await Promise.all([...ours, theirs.done])).to.deep.equal([true, true, true])
        for (const { taken } of inC) expect(await taken).to.deep.equal(['taken'])
        expect(valueInC(name)).to.equal(0)
        await actor.kill()
      })
    })
  }

  it('holds a permit that we wait for', async () => {
    const name = uniqueName()
    using semaphore = Semaphore(1, { name })
    const { child } = await begin('hold', name, 'held')
    expect(semaphore.tryAcquire()).to.equal(false)
    expect(semaphore.acquire(5)).to.equal(false)
    const wait = semaphore.acquireAsync()
    child.stdin.end('\n')
    expect(await wait).to.equal(true)
    semaphore.release()
    const next = await begin('hold', name, 'held')
    next.child.stdin.end('\n')
    expect(semaphore.acquire()).to.equal(true)
  })

  it('is killed while it sleeps in sem_wait, and takes no permit along', async () => {
    const name = uniqueName()
    using semaphore = Semaphore(0, { name })
    const waiters = [await waiter(name), await waiter(name)]
    await end((waiters[0] as (typeof waiters)[0]).one.child)
    semaphore.release()
    expect(await waiters[1]?.taken).to.deep.equal(['taken'])
    semaphore.release()
    expect(semaphore.acquire()).to.equal(true)
  })

  it('takes and gives back thousands of times beside us: none is lost', async () => {
    const name = uniqueName()
    using semaphore = Semaphore(2, { name })
    const actor = new Actor('process')
    const there = await actor.open(semaphore.toJSON())
    const cycles = [0, 1].map(() => once(spawn(program, ['cycle', name, '50000'], { stdio: 'inherit' }), 'exit'))
    let over = false
    const both = Promise.all(cycles).then((exits) => {
      over = true
      return exits
    })
    const theirs = (async () => {
      while (!over) {
        await there.call('acquire')
        await there.call('release')
      }
    })()
    while (!over) {
      for (let i = 0; i < 1000; i++) semaphore.withPermit(() => {})
      await semaphore.withPermitAsync(() => idle())
    }
    expect(await both).to.deep.equal([
      [0, null],
      [0, null],
    ])
    await theirs
    await actor.kill()
    expect(valueInC(name)).to.equal(2)
  })
})
