/**
 * What becomes of the blocks of a process that is killed before it can unlink() them. Answers "Forgetting to call unlink() leaves orphaned shared
 * memory blocks", which in Python are to be looked for in /dev/shm and deleted by hand ("SharedMemory Lifecycle" of reference 2).
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Barrier, isMainProcess, Process, Array as SharedArray, SharedMemory } from 'sharedctypes'

type Text = SharedArray<'c_char'>
interface Names {
  orphan: Text
  used: Text
  chosen: Text
}

export function die(names: Names, made: Barrier, opened: Barrier): void {
  names.orphan.value = new SharedMemory({ create: true, size: 1024 }).name
  names.used.value = new SharedMemory({ create: true, size: 1024 }).name
  new SharedMemory({ name: names.chosen.value, create: true, size: 1024 })
  made.wait()
  opened.wait()
  process.kill(process.pid, 'SIGKILL')
}

// In a shell: npx sharedctypes gc
const program = fileURLToPath(new URL('../lib/cli/main.js', import.meta.url))
const sharedctypes = (...words: string[]) => execFileSync(process.execPath, [program, ...words], { encoding: 'utf8' })
const exists = (name: Text) => readdirSync('/dev/shm').includes(name.value)

if (isMainProcess) {
  const chosen = SharedArray('c_char', `chosen-${process.pid}`)
  const names = { orphan: SharedArray('c_char', 32), used: SharedArray('c_char', 32), chosen }
  const [made, opened] = [Barrier(2), Barrier(2)]
  const child = new Process(die, [names, made, opened]).start()
  await made.waitAsync()
  const used = new SharedMemory({ name: names.used.value })
  await opened.waitAsync()
  await child.join()
  assert.equal(child.exitcode, -9)

  // A later create by any process of this user would do as well, sooner or later.
  process.stdout.write(`$ npx sharedctypes gc\n${sharedctypes('gc')}`)
  assert.deepEqual([exists(names.orphan), exists(names.used), exists(chosen)], [false, true, true])
  console.log(`left alone: ${names.used.value}, which is in use, and ${chosen.value}, a name that somebody chose`)

  used.close()
  used.unlink()
  process.stdout.write(`$ npx sharedctypes rm ${chosen.value}\n${sharedctypes('rm', chosen.value)}`)
  assert.equal(exists(chosen), false)
}
