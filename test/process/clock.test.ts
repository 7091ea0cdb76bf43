/** Time-outs count by the monotonic clock: that the wall clock is set during a wait does not matter. Shown by the system calls themselves. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { fixturePath } from '../helpers/paths.js'

interface Told {
  readonly pid: number
  readonly watcher: number
  readonly blocking: boolean[]
  readonly asynchronous: boolean[]
  readonly broken: string[]
}

describe('the clock of time-outs', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sharedctypes-clock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is CLOCK_MONOTONIC in every wait of the calling thread and of the watcher', function () {
    const trace = join(folder, 'trace')
    const traced = ['-f', '-q', '-e', 'trace=futex,futex_waitv', '-o', trace, process.execPath, fixturePath('timed-waits')]
    const run = spawnSync('strace', traced, { encoding: 'utf8' })
    // Not installed, or not allowed to trace: in a container without the right to.
    if (run.error !== undefined || /Operation not permitted/.test(run.stderr)) this.skip()
    expect(run.stderr).to.equal('')
    const { pid, watcher, blocking, asynchronous, broken } = JSON.parse(run.stdout) as Told
    expect([...blocking, ...asynchronous]).to.deep.equal(new Array(14).fill(false))
    expect(broken).to.deep.equal(['ERR_BROKEN_BARRIER', 'ERR_BROKEN_BARRIER'])

    const calls = readFileSync(trace, 'utf8').split('\n')
    const waits = calls.filter((call) => /futex\(.*FUTEX_WAIT|futex_waitv\(/.test(call) && /tv_n?sec/.test(call))
    const of = (tid: number) => waits.filter((call) => call.startsWith(`${tid} `))
    // Each blocking wait above sleeps at least once; the last shows that the right threads were found.
    expect(of(pid).length).to.be.at.least(8)
    expect(of(watcher).length).to.be.at.least(2)
    for (const call of [...of(pid), ...of(watcher)]) expect(call).not.to.match(/CLOCK_REALTIME/)
    for (const call of waits.filter((each) => each.includes('futex_waitv('))) expect(call).to.match(/CLOCK_MONOTONIC/)
  })
})
