/**
 * Puts faults into a copy of the project, one at a time, and lets the laboratory find them.
 *
 *     npm run test:faults -- [--only WORD] [--kills N] [--seed S]
 *
 * Ends with code 0 only if each was found, and nothing in the copy without a fault.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type DeliberateFault, faults } from './fault-list.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const COPIED = ['build', 'dist', 'native', 'test', 'package.json', 'binding.gyp']

interface Found {
  readonly kills: number
  readonly seconds: number
  /** What the laboratory said first; undefined: nothing. */
  readonly what: string | undefined
}

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, kills: { type: 'string', default: '400' }, seed: { type: 'string', default: '1' } },
})

function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sharedctypes-faults-'))
  for (const each of COPIED) cpSync(join(root, each), join(folder, each), { recursive: true, preserveTimestamps: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Only what a change has to do with. */
function build(folder: string): void {
  const made = spawnSync('make', ['-C', join(folder, 'build'), 'BUILDTYPE=Release', '-j2'], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`make: ${made.error?.message ?? made.stderr}`)
}

/** With a fault in the copy. */
async function withFault<T>(folder: string, { name, file, find, replace }: DeliberateFault, call: () => Promise<T>): Promise<T> {
  const path = join(folder, file)
  const source = readFileSync(path, 'utf8')
  if (source.split(find).length !== 2)
    throw new Error(`'${name}': expected the text once in ${file}, found it ${source.split(find).length - 1} times`)
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
  try {
    build(folder)
    return await call()
  } finally {
    writeFileSync(path, source)
  }
}

async function search(folder: string, primitives: readonly string[], kills: string): Promise<Found> {
  const only = primitives.flatMap((primitive) => ['--only', primitive])
  const program = join(folder, 'dist/test/laboratory/main.js')
  const child = spawn(process.execPath, [program, '--as-found', '--kills', kills, '--seed', values.seed, ...only], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = await text(child.stdout)
  const [, counted = '', seconds = ''] = /: (\d+) kills in \d+ programs, (\d+) s; \d+ findings$/m.exec(said) ?? []
  if (counted === '') throw new Error(`the laboratory did not come to its end:\n${said}`)
  const what = /^(hang|lost update|lost permit|leaked segment|broken rule): .*$/m.exec(said)?.[0]
  return { kills: Number(counted), seconds: Number(seconds), what }
}

function tell(name: string, where: string, { kills, seconds, what }: Found): void {
  console.log(`| ${name} | ${where} | ${kills} | ${seconds} | ${what?.slice(0, 140).replaceAll('|', '\\|') ?? 'nothing'} |`)
}

const chosen = faults.filter(({ name }) => name.includes(values.only))
const folder = copy()
let missed = 0
try {
  console.log('| fault | file, and who finds it | kills | s | what is seen |\n|---|---|---:|---:|---|')
  for (const fault of chosen) {
    const found = await withFault(folder, fault, () => search(folder, fault.primitives, values.kills))
    if (found.what === undefined) missed++
    tell(fault.name, `${fault.file.replace(/.*\//, '')}: ${fault.primitives.join(', ')}`, found)
  }
  build(folder)
  const control = await search(folder, [...new Set(chosen.flatMap(({ primitives }) => primitives))], values.kills)
  if (control.what !== undefined) missed++
  tell('none', 'all of these', control)
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`${chosen.length} faults, ${missed === 0 ? 'each found' : `${missed} not as it should be`}`)
process.exitCode = missed === 0 ? 0 : 1
