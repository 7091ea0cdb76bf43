/** A /dev/shm of a program's own: a tmpfs in a mount namespace, which is gone with the program. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fixturePath } from './paths.js'
import { type Outcome, read } from './run.js'

const MOUNT = 'mount -t tmpfs -o "$0" tmpfs /dev/shm && exec "$@"'
/** As root, or as root of a user namespace of our own. */
const WAYS = [['-m'], ['-Urm']]

let way: readonly string[] | null | undefined

function command(flags: readonly string[], options: string, program: readonly string[]): string[] {
  return [...flags, 'sh', '-c', MOUNT, options, ...program]
}

/** Whether this machine permits it to us, and how. */
function permitted(): readonly string[] | null {
  way ??= WAYS.find((flags) => spawnSync('unshare', command(flags, 'size=64k', ['true'])).status === 0) ?? null
  return way
}

/** For `before`: skips the tests, counted and with the reason, where no tmpfs may be mounted. */
export function skipUnlessPermitted(context: Mocha.Context): void {
  if (permitted() !== null) return
  console.log('      skipped: neither root nor a user namespace may mount a tmpfs here')
  context.skip()
}

/**
 * Runs a fixture to its end.
 *
 * @param options - of the tmpfs, such as `size=64k`; undefined: the /dev/shm of all
 */
export async function runWithShm(
  options: string | undefined,
  fixture: string,
  args: readonly string[] = [],
): Promise<Outcome & { signal: NodeJS.Signals | null }> {
  const program = [process.execPath, '--no-warnings', fixturePath(fixture), ...args]
  const [file = '', ...rest] = options === undefined ? program : ['unshare', ...command(permitted() ?? [], options, program)]
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code, signal]] = await Promise.all([
    read(child.stdout),
    read(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ])
  return { code, signal, stdout, stderr }
}

/** Where nothing is permitted, the /dev/shm of all. */
export function bestShm(options: string): string | undefined {
  return permitted() === null ? undefined : options
}
