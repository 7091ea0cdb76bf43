/**
 * Tests of native/core alone, without Node: compiles it with its tests in three ways, runs them, and prints one line a test.
 *
 *     npm run test:native -- [--long] [--seed N] [--only NAME] [--build address|thread|plain]
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const core = join(here, '../../native/core')

const { values: given } = parseArgs({
  options: { long: { type: 'boolean' }, seed: { type: 'string' }, only: { type: 'string' }, build: { type: 'string' } },
})
const seed = given.seed ?? String(Date.now() % 1_000_000)

const COMMON = ['-std=c++17', '-g', '-Wall', '-Wextra', '-Werror', '-pthread']

/** The shadow memory of older libtsan has no room for mappings where newer kernels may put them. Not everywhere allowed, and then left out. */
const setarch = ['setarch', '--addr-no-randomize']
const fixedAddresses = spawnSync(setarch[0], [...setarch.slice(1), 'true']).status === 0 ? setarch : []

/** What is compiled how, and which tests run so. The slowest to run is compiled first. */
const builds = [
  // Victims are killed at instructions of what is shipped, not at those of a sanitizer. -z now: no symbol is looked up between two of them.
  { name: 'plain', flags: ['-O2', '-Wl,-z,now'], folders: ['steps', 'kills'], prefix: [] },
  // -Wno-tsan: it does not know the fence in write_header, behind which the magic number is written for other processes.
  { name: 'thread', flags: ['-O1', '-fsanitize=thread', '-Wno-tsan'], folders: ['subjects'], prefix: fixedAddresses },
  {
    name: 'address',
    flags: ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'],
    folders: ['subjects'],
    prefix: [],
  },
].filter(({ name }) => given.build === undefined || name === given.build)

const environment = {
  ...process.env,
  ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: `halt_on_error=1:second_deadlock_stack=1:suppressions=${join(here, 'thread-sanitizer.txt')}`,
}

/** Runs as many at a time as there are CPUs. */
let running = 0
const waiting = []
async function withCpu(work) {
  if (running === availableParallelism()) await new Promise((resolve) => waiting.push(resolve))
  else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

/** Calls `line` for each line that the program prints; answers its exit code. */
function run(command, parameters, line) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', line)
    child.on('error', reject)
    child.on('close', resolve)
  })
}

async function compile(folder, parameters) {
  const said = []
  const code = await withCpu(() => run('g++', [...COMMON, ...parameters], (line) => said.push(line)))
  if (code !== 0) throw new Error(`g++ ${parameters.join(' ')} (in ${folder})\n${said.join('\n')}`)
}

function sources(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(folder, name))
}

async function build({ name, flags, folders }, folder) {
  mkdirSync(folder)
  const files = [core, ...['support', ...folders].map((each) => join(here, each))].flatMap(sources)
  const objects = files.map((file) => join(folder, `${basename(dirname(file))}-${basename(file)}.o`))
  await Promise.all(files.map((file, i) => compile(folder, [...flags, '-c', file, '-o', objects[i]])))
  const program = join(folder, name)
  await compile(folder, [...flags, ...objects, '-o', program])
  return program
}

const total = { passed: 0, failed: 0 }

async function test(each, folder) {
  const program = await build(each, folder)
  const parameters = ['--seed', seed]
  if (given.long) parameters.push('--long')
  if (given.only !== undefined) parameters.push('--only', given.only)
  let counted = false
  const [command, ...rest] = [...each.prefix, program, ...parameters]
  await withCpu(() =>
    run(command, rest, (line) => {
      const counts = /^(\d+) passed, (\d+) failed$/.exec(line)
      if (counts === null) {
        console.log(`${each.name.padEnd(8)} ${line}`)
        return
      }
      counted = true
      total.passed += Number(counts[1])
      total.failed += Number(counts[2])
    }),
  )
  if (!counted) throw new Error(`The tests of build "${each.name}" ended early`)
}

const folder = mkdtempSync(join(tmpdir(), 'sharedctypes-native-'))
const start = performance.now()
const results = await Promise.allSettled(builds.map((each) => test(each, join(folder, each.name))))
rmSync(folder, { recursive: true })
for (const { reason } of results) {
  if (reason === undefined) continue
  console.log(reason.message)
  total.failed++
}
console.log(`seed ${seed}, ${((performance.now() - start) / 1000).toFixed(0)} s`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
