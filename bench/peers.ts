/**
 * What a user of Node would pick instead of this library: packages, each installed alone, when a question first needs it, into
 * node_modules/.cache. Some have addons that no longer compile: then the reason stands in the results.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask } from './ask.js'
import type { Missing } from './question.js'

/** The versions that the committed figures are of. */
const PEERS: Readonly<Record<string, string>> = {
  lmdb: '3.5.6',
  'mmap-object': '1.5.0',
  'os-lock': '2.0.0',
  'posix-semaphore': '0.0.2',
  'proper-lockfile': '4.1.2',
  redis: '6.3.1',
  'shared-memory-disruptor': '4.2.1',
  'shm-typed-array': '0.1.1',
}

/** What a package is of no use without. */
const NEEDED: Readonly<Record<string, string>> = { redis: 'redis-server' }

const cache = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules', '.cache', 'sharedctypes-bench')
const folderOf = (name: string) => join(cache, `${name}@${PEERS[name]}`)
const reasonFile = 'reason.txt'

/** The first line of npm's output that tells what went wrong, shortened. */
function reasonIn(output: string): string {
  const lines = output.split('\n').map((each) => each.replace(/^npm (error|ERR!) ?/, '').trim())
  const told =
    lines.find((each) => /\berror: /.test(each)) ?? // a compiler's, under what others make of it
    lines.find((each) => /\berror\b[: ]/i.test(each) && !/^(code|command|path)\b|^A complete log/.test(each)) ??
    lines.find((each) => each !== '')
  return `npm install failed: ${(told ?? 'without a word').replaceAll(cache, '').slice(0, 160)}`
}

/** Its version, once it is there; what does not compile is not tried again. */
export function installPeer(name: string): string | Missing {
  const version = PEERS[name]
  if (version === undefined) throw new Error(`${name} is not in bench/peers.ts`)
  const program = NEEDED[name]
  if (program !== undefined && ask(program, ['--version']) === undefined) return { missing: `there is no ${program}` }
  const folder = folderOf(name)
  if (existsSync(join(folder, reasonFile))) return { missing: readFileSync(join(folder, reasonFile), 'utf8') }
  if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return version
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  // Their addons are compiled by their install scripts, which newer npms run only if told to; older ones don't know the option, and run them.
  const options = ['--no-audit', '--no-fund', '--foreground-scripts', '--dangerously-allow-all-scripts']
  const { status, stdout, stderr } = spawnSync('npm', ['install', ...options, `${name}@${version}`], { cwd: folder, encoding: 'utf8' })
  if (status === 0) return version
  const output = `${stdout ?? ''}\n${stderr ?? ''}`
  const missing = reasonIn(output)
  // Without a network, say, it may be there next time.
  if (/\bgyp ERR!/.test(output)) writeFileSync(join(folder, reasonFile), missing)
  return { missing }
}

/** For trials: the package itself, typed by whoever uses it. */
export function loadPeer<T>(name: string): T {
  return createRequire(join(folderOf(name), 'package.json'))(name) as T
}
