/** Every example runs in a process of its own, checks itself, and leaves nothing behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
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

async function run(name: string): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  // The variables that would make Node itself write to stderr, or colour what has no terminal.
  const { NODE_OPTIONS: _, FORCE_COLOR: __, NODE_DEBUG: ___, ...env } = process.env
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, directory))], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  // SIGKILL, because it can't be ignored; the examples' own children end with their parent or not at all, and then fail the run.
  const guard = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT)
  const [[code, signal], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  clearTimeout(guard)
  return { code, signal, stdout, stderr }
}

const named = () => readdirSync('/dev/shm').sort()

describe('examples', () => {
  it('are found', () => expect(names).to.include.members(['demo.js', 'race.js', 'scalars.js']))

  for (const name of names) {
    it(name, async () => {
      const before = named()
      const { code, signal, stdout, stderr } = await run(name)
      expect({ code, signal }, `${stdout}${stderr}`).to.deep.equal({ code: 0, signal: null })
      expect(stdout).not.to.equal('')
      expect(stderr).to.match(expectedErrors[name] ?? /^$/)
      expect(named()).to.deep.equal(before)
    })
  }
})
