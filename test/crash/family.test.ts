/** SIGKILL of everything at once: a program and all its children. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { Value } from '../../lib/index.js'
import { until } from '../helpers/deferred.js'
import { fixturePath, freshName } from '../helpers/paths.js'
import { processesWith } from '../helpers/proc.js'
import { collectOwnerDied } from '../helpers/warnings.js'

const MARK = 'SHAREDCTYPES_TEST_FAMILY'
/** Where a segment's header names the process that created it (docs/LAYOUT.md). */
const CREATOR_OFFSET = 32

/** The files in /dev/shm that a process created with this library, by name. */
function createdBy(pids: readonly number[]): string[] {
  return readdirSync('/dev/shm').filter((name) => {
    const header = Buffer.alloc(CREATOR_OFFSET + 4)
    let fd: number | undefined
    try {
      fd = openSync(`/dev/shm/${name}`, 'r')
      return readSync(fd, header) === header.length && pids.includes(header.readUInt32LE(CREATOR_OFFSET))
    } catch {
      return false // gone meanwhile: other tests run beside this one
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  })
}

describe('SIGKILL of a program with all its children', () => {
  it('leaves no process and nothing in /dev/shm but the named object, which still works', async () => {
    const warnings = collectOwnerDied()
    for (let round = 0; round < 5; round++) {
      const name = freshName('family')
      const family = spawn(process.execPath, [fixturePath('crash-family'), name], {
        detached: true, // a process group of its own
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, [MARK]: name },
      })
      let working = 0
      createInterface(family.stdout).on('line', () => working++)
      await until(() => working === 3 || family.exitCode !== null)
      expect(family.exitCode).to.equal(null)
      const pids = processesWith(MARK, name)
      expect(pids).to.have.length(4)
      expect(createdBy(pids)).to.deep.equal([name])
      process.kill(-(family.pid as number), 'SIGKILL')
      await once(family, 'close') // its output ends when the last that holds it is dead
      expect(processesWith(MARK, name)).to.deep.equal([])
      expect(createdBy(pids)).to.deep.equal([name])

      const value = Value('c_int', 0, { name, create: false })
      expect(value.acquire(60_000)).to.equal(true)
      const counted = value.value
      expect(counted).to.be.at.least(3 * 1000)
      value.value = counted + 1
      value.release()
      expect(value.withLock(() => value.getLock().ownerDied)).to.equal(false)
      value.unlink()
      value.close()
      expect(createdBy(pids)).to.deep.equal([])
    }
    await warnings.stop()
  })
})
