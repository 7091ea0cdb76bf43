/**
 * A block and a list shared with a CPython process, either way round: python-partner.py is the other half. Answers "either the same shell or a new
 * Python shell on the same machine" of reference 3, with one shell in each language.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ShareableList, SharedMemory } from 'sharedctypes'

const script = fileURLToPath(new URL('../../examples/python-partner.py', import.meta.url))

async function succeed(python: ChildProcess): Promise<void> {
  assert.deepEqual(await once(python, 'exit'), [0, null])
}

/** Node makes, Python attaches by name. It must not let its resource tracker unlink what is ours: see attach() there. */
async function nodeMakes(): Promise<void> {
  const shm = new SharedMemory({ create: true, size: 4 * Float64Array.BYTES_PER_ELEMENT })
  const list = new ShareableList(['howdy', 41, -273.154, Buffer.from('abc')])
  try {
    const numbers = new Float64Array(shm.buffer)
    numbers.set([1, 4, 9, 16])
    await succeed(spawn('python3', [script, 'change', shm.name, list.name], { stdio: 'inherit' }))
    console.log('Node finds  ', [...numbers], [...list])
    assert.deepEqual([...numbers], [1, 2, 3, 4])
    assert.deepEqual([...list], ['HOWDY', 42, null, Buffer.from('cba')])
    for (const each of [shm, list]) new SharedMemory({ name: each.name }).close() // still there, though Python has ended
  } finally {
    for (const each of [shm, list]) {
      each.close()
      each.unlink()
    }
  }
}

/** Python makes, Node attaches by name. */
async function pythonMakes(): Promise<void> {
  const python = spawn('python3', [script, 'make'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = succeed(python)
  const lines = createInterface(python.stdout)[Symbol.asyncIterator]()
  const [blockName, listName] = JSON.parse((await lines.next()).value)
  {
    using shm = new SharedMemory({ name: blockName })
    using list = new ShareableList(null, { name: listName })
    console.log('Node finds  ', shm.buf.toString(), [...list])
    assert.equal(shm.buf.toString(), 'howdy')
    assert.deepEqual([...list], ['naïve', 2n ** 62n, 0.5, true, null, Buffer.from([1, 2])])
    shm.buf.write('HOWDY')
    list[0] = 'été'
    list[1] = 2n ** 62n + 1n
    list[2] = 1.5
    list[3] = false
    list[4] = 42
    list[5] = Buffer.from([3])
  }
  python.stdin.end('changed\n')
  console.log((await lines.next()).value)
  await ended
  for (const name of [blockName, listName]) assert.throws(() => new SharedMemory({ name }), { code: 'ENOENT' })
}

// 3.8 lays its lists out in another way than every later version.
const { error, status, stdout } = spawnSync('python3', [
  '-c',
  'import sys; print(*sys.version_info[:3], sep=".", end=""); sys.exit(sys.version_info < (3, 9))',
])
if (error) console.log(`no python3 here (${error.message}): nothing to show`)
else if (status !== 0) console.log(`this needs Python 3.9 or later, here is ${stdout}`)
else {
  console.log(`Node ${process.version} and Python ${stdout}`)
  await nodeMakes()
  await pythonMakes()
}
