/**
 * A named Value that unrelated processes meet at, and that outlives them until unlink(). Answers "SharedMemory Lifecycle" of reference 2 for
 * Values.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Value } from 'sharedctypes'

const [, program = '', role, name = `named-${process.pid}`] = process.argv

async function run(part: string): Promise<void> {
  const [code] = await once(spawn(process.execPath, [fileURLToPath(import.meta.url), part, name], { stdio: 'inherit' }), 'exit')
  assert.equal(code, 0)
}

const open = (create?: boolean) => Value('c_int', 41, { name, create })

if (role === 'creator') {
  console.log('creator:', open(true))
} else if (role === 'user') {
  const value = open(false)
  value.withLock(() => {
    value.value += 1
  })
  console.log('user:   ', value)
} else {
  assert(program)
  assert.throws(() => open(false), { code: 'ENOENT' })
  await run('creator')
  try {
    assert.throws(() => open(true), { code: 'EEXIST' })
    await run('user')
    const value = open()
    assert.equal(value.value, 42, 'found, so 41 is ignored')
    assert.throws(() => Value('c_double', 0, { name }), { code: 'ERR_TYPE_MISMATCH' })
  } finally {
    open(false).unlink()
  }
  assert.throws(() => open(false), { code: 'ENOENT' })
  console.log('42, after both have gone; and after unlink() the name leads nowhere')
}
