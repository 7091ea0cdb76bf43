/** Every example runs in a process of its own, checks itself, and leaves nothing behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const directory = new URL('../../examples/', import.meta.url)
const names = readdirSync(directory).filter((file) => file.endsWith('.js'))
const TIME_LIMIT = 100_000

/** What those examples say on stderr that are about things going wrong. */
const expectedErrors: Record<string, RegExp> = {
  'killed-holder.js':
    /^\(node:\d+\) \[SHAREDCTYPES_OWNER_DIED\] OwnerDiedWarning: process \d+ died holding Lock.*\n(?:See|\(Use) .*\n(?:\(Use .*\n)?$/,
  'processes.js': /^Process 'the failing one' \(pid \d+\) failed:\nError: this error is a part of the example\n(?: +at .*\n)+$/,
}

interface Outcome {
  readonly code: number | null
  readonly signal: string | null
  /** Whether it left processes behind. They are ended here. */
  readonly strays: boolean
  readonly stdout: string
  readonly stderr: string
}

/** Ends every process of a group, and says whether there were any. */
function endGroup(leader: number): boolean {
  try {
    return process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

async function run(name: string): Promise<Outcome> {
  // Detached: the leader of a group of its own, in which its children are too. NODE_OPTIONS and NODE_DEBUG could add to stderr.
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, directory))], {
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '', NODE_DEBUG: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  const leader = child.pid as number
  const guard = setTimeout(endGroup, TIME_LIMIT, leader)
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const [code, signal] = await once(child, 'exit')
  clearTimeout(guard)
  // Before the output is awaited: strays would hold it open.
  const strays = endGroup(leader)
  const [stdout, stderr] = await output
  return { code, signal, strays, stdout, stderr }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The creator of a named object, by docs/LAYOUT.md; undefined if it is no object of this library; 'gone' if it has been unlinked meanwhile. */
function creatorOf(entry: string): number | undefined | 'gone' {
  try {
    const bytes = readFileSync(`/dev/shm/${entry}`)
    const header = entry.startsWith('sem.') ? bytes.subarray(64) : bytes // behind the sem_t
    return header.toString('latin1', 0, 8) === 'SHCTYPES' ? header.readUInt32LE(32) : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone'
    throw error
  }
}

/** Whether some process has it open: blocks without a header, Python's as well, don't say whose they are. */
function isOpen(entry: string): boolean {
  const leadsThere = (link: string) => {
    try {
      return readlinkSync(link) === `/dev/shm/${entry}`
    } catch {
      return false // closed meanwhile
    }
  }
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readdirSync(`/proc/${pid}/fd`).some((fd) => leadsThere(`/proc/${pid}/fd/${fd}`))
    } catch {
      return false // gone meanwhile, or not ours
    }
  })
}

/** What is in /dev/shm and was not before; without what belongs to a living process, which is somebody else's: the example's have ended. */
function leftBehind(before: readonly string[]): string[] {
  return readdirSync('/dev/shm').filter((entry) => {
    if (before.includes(entry)) return false
    const creator = creatorOf(entry)
    return creator === undefined ? !isOpen(entry) : creator !== 'gone' && !isAlive(creator)
  })
}

describe('examples', () => {
  it('are found', () => expect(names).to.include.members(['demo.js', 'race.js', 'scalars.js', 'shared-memory.js']))

  for (const name of names) {
    it(name, async () => {
      const before = readdirSync('/dev/shm')
      const { stdout, stderr, ...end } = await run(name)
      expect(end, `${stdout}${stderr}`).to.deep.equal({ code: 0, signal: null, strays: false })
      expect(stdout).not.to.equal('')
      expect(stderr).to.match(expectedErrors[name] ?? /^$/)
      expect(leftBehind(before)).to.deep.equal([])
    })
  }
})
