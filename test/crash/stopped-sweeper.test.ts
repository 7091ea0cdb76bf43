/** A sweeper that stands still with all its locks keeps nobody from creating and attaching. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import type { PartyOrder } from '../fixtures/orphan-party.js'
import { ask, end, root } from '../fixtures/unit-helpers.js'
import { until } from '../helpers/deferred.js'
import { missingPython } from '../helpers/has-python.js'
import { fixturePath } from '../helpers/paths.js'
import { stateOf } from '../helpers/proc.js'

/** flock on x64 and on arm64. */
const FLOCK = /^(73|32) /

describe('a sweeper that stands still', () => {
  const children: ChildProcess[] = []
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => end(child)))
  })
  before(function () {
    missingPython(this)
  })

  /** Auto-named blocks of a process that was killed. */
  async function makeOrphans(): Promise<string[]> {
    const maker = spawn(process.execPath, [fixturePath('orphan-maker'), '2', '5000', '9'], { stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(maker)
    const [line] = (await once(createInterface(maker.stdout), 'line')) as [string]
    await end(maker)
    return JSON.parse(line) as string[]
  }

  async function stopSweeper(orphan: string): Promise<number> {
    const sweeper = spawn('python3', [join(root, 'test/crash/stopped_sweeper.py'), orphan], { stdio: ['ignore', 'ignore', 'inherit'] })
    children.push(sweeper)
    await until(() => stateOf(sweeper.pid as number) === 'T' || sweeper.exitCode !== null)
    expect(sweeper.exitCode).to.equal(null)
    return sweeper.pid as number
  }

  /** What a process has locked, as the kernel tells it. */
  const locksOf = (pid: number) =>
    readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .filter((line) => line.includes(` ${pid} `))
      .map((line) => line.split(/\s+/)[1])
      .sort()

  const party = () => {
    const child = fork(fixturePath('orphan-party'))
    children.push(child)
    return child
  }
  const told = <T>(child: ChildProcess, order: PartyOrder) => ask<T>(child, order)

  for (const ending of ['goes on', 'is killed'] as const) {
    it(`lets others create and attach; when it ${ending} the next sweep does its work`, async () => {
      const [leased = '', other = ''] = await makeOrphans()
      const sweeper = await stopSweeper(leased)
      expect(locksOf(sweeper)).to.deep.equal(['FLOCK', 'LEASE'])
      const parties = Array.from({ length: 4 }, party)
      const outcomes = await Promise.all(parties.map((each) => told<string>(each, { attach: leased, times: 100 })))
      // Nobody had to wait until the kernel took the lease away: it is still there.
      expect(locksOf(sweeper)).to.deep.equal(['FLOCK', 'LEASE'])
      expect(stateOf(sweeper)).to.equal('T')
      expect(outcomes).to.deep.equal(parties.map(() => 'ENOENT'))
      expect([leased, other].map((name) => existsSync(`/dev/shm/${name}`))).to.deep.equal([true, true])

      const [waiter] = parties as [ChildProcess]
      const swept = told<string[]>(waiter, { sweep: true })
      await until(() => FLOCK.test(readFileSync(`/proc/${waiter.pid}/syscall`, 'utf8')))
      process.kill(sweeper, ending === 'goes on' ? 'SIGCONT' : 'SIGKILL')
      expect(await swept).to.include.members([leased, other])
      expect([leased, other].map((name) => existsSync(`/dev/shm/${name}`))).to.deep.equal([false, false])
    })
  }
})
