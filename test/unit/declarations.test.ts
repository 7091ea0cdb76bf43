/** A program that exports what it made with this library, and emits declarations of its own, can name all types. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

const PROGRAM = `
import * as mp from 'sharedctypes'
export const semaphore = mp.Semaphore(1)
export const bounded = mp.BoundedSemaphore(1)
export const condition = mp.Condition()
export const event = mp.Event()
export const barrier = mp.Barrier(2)
export const rw = mp.RWLock()
export const lock = mp.Lock()
export const value = mp.Value('c_int', 0)
export const raw = mp.RawValue('c_double', 0)
export const array = mp.Array('c_double', 3)
export const rawArray = mp.RawArray('c_char', 3)
export const Point = mp.struct('Point', { x: 'c_double', tag: ['c_char', 8] })
export const point = mp.Value(Point, { x: 1, tag: 'home' })
export const make = () => ({ lock: mp.RLock(), values: [value, mp.Value('c_bool', true)] })
export class Server {
  readonly slots = mp.Semaphore(4)
  readonly half = mp.RWLock().read
}
`

describe('declarations', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sharedctypes-declarations-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'sharedctypes'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'program.ts'), PROGRAM)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('of a program that exports shared objects compile', () => {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const options = ['--strict', '--declaration', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', '--types', '']
    const run = spawnSync(process.execPath, [compiler, ...options, 'program.ts'], { cwd: folder, encoding: 'utf8' })
    expect(run.stdout).to.equal('')
    expect(run.status).to.equal(0)
    expect(readFileSync(join(folder, 'program.d.ts'), 'utf8'))
      .to.include('export declare const semaphore: ')
      .and.not.include(': any')
  })
})
