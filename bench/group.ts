/** Programs in a process group of their own, so that what they have started ends with them. */
import { spawn } from 'node:child_process'

/** How long what a program has started may tidy up behind it, such as CPython's tracker of shared memory. */
const GRACE_MS = 500

/**
 * What it prints.
 *
 * What it has started is killed soon after it. If this process ends before, the group gets what Ctrl-C would send it; if it takes longer than `limitMs`, it is killed.
 * @throws with what it printed on stderr, if its exit code is not 0
 */
export function runInGroup(file: string, args: readonly string[], limitMs: number): Promise<string> {
  const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const send = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    } catch {
      // It has ended.
    }
  }
  const interrupt = () => send('SIGINT')
  const timers = [setTimeout(send, limitMs, 'SIGKILL')]
  process.once('exit', interrupt)
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  return new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    // Whoever is left holds its pipes, and keeps them from closing.
    child.once('exit', () => timers.push(setTimeout(send, GRACE_MS, 'SIGKILL')))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(printed.stdout)
      else reject(new Error(printed.stderr || `it ended with ${signal ?? code}`))
    })
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer)
    send('SIGKILL')
    process.off('exit', interrupt)
  })
}
