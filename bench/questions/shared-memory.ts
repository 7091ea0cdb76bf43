/** What does a small block of shared memory cost: to make and remove it, and to attach to it? */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { SharedMemory } from '../../lib/index.js'
import { measure } from '../measure.js'
import { line, type Question, type Sample, type Trials } from '../question.js'
import { cTrial, nodeTrial, pythonTrial, some } from '../trials.js'

const SIZE = 4096
const OTHERS = 100

function us(n: number, loop: (count: number) => number): Sample {
  return { us: measure(n, loop).ns / 1e3 }
}

const create = (n: number) =>
  us(n, (count) => {
    let bytes = 0
    for (let i = 0; i < count; i++) {
      const block = new SharedMemory({ create: true, size: SIZE })
      bytes += block.size
      block.close()
      block.unlink()
    }
    return bytes
  })

/** In another process: keeps blocks without a name of their own until the trial's process lets go or dies. */
async function hold(count: number): Promise<void> {
  const blocks = Array.from({ length: count }, () => new SharedMemory({ create: true, size: SIZE }))
  process.send?.('held')
  await once(process, 'disconnect')
  for (const block of blocks) block.unlink()
}

export const trials = {
  create,
  async create_beside_100(n) {
    if (process.send !== undefined) {
      await hold(OTHERS)
      return {}
    }
    const args = [import.meta.url, 'create_beside_100', '0']
    const child = fork(process.argv[1] as string, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const exited = once(child, 'exit') as Promise<[number | null]>
    const [held] = await Promise.race([once(child, 'message'), exited])
    if (held !== 'held') throw new Error(`the other process ended with ${held}`)
    const sample = create(n)
    child.disconnect()
    const [code] = await exited
    if (code !== 0) throw new Error(`the other process ended with ${code}`)
    return sample
  },
  attach(n) {
    const made = new SharedMemory({ create: true, size: SIZE })
    const sample = us(n, (count) => {
      let bytes = 0
      for (let i = 0; i < count; i++) {
        const block = new SharedMemory({ name: made.name })
        bytes += block.size
        block.close()
      }
      return bytes
    })
    made.close()
    made.unlink()
    return sample
  },
} satisfies Trials

const ours = (name: keyof typeof trials) => nodeTrial(import.meta.url, name, some(20_000))
const cpython = (name: string) => pythonTrial('shared_memory.py', name, some(8000))
const c = (name: string) => cTrial('shared_memory.c', name, some(40_000))
const alone = ours('create')

export const question: Question = {
  name: 'shared-memory',
  title: 'A SharedMemory of 4 KiB',
  comparisons: [
    {
      what: 'create + close + unlink',
      unit: 'µs',
      lines: [
        line('ours', alone, undefined, 'us'),
        line('CPython', cpython('create'), { atMostTimes: 1 }, 'us'),
        line('C, shm_open + ftruncate', c('create'), undefined, 'us'),
        line('C, as ours: O_TMPFILE + fallocate + linkat', c('create_linked'), undefined, 'us'),
      ],
    },
    {
      what: `the same beside ${OTHERS} blocks of another process, which are looked at for orphans`,
      unit: 'µs',
      lines: [
        line('ours', ours('create_beside_100'), undefined, 'us'),
        line('CPython', cpython('create_beside_100'), { atMostTimes: 1 }, 'us'),
        line('ours, alone', alone, undefined, 'us'),
      ],
    },
    {
      what: 'attach by name + close',
      unit: 'µs',
      lines: [
        line('ours', ours('attach'), undefined, 'us'),
        line('CPython', cpython('attach'), undefined, 'us'),
        line('C, shm_open + fstat', c('attach'), undefined, 'us'),
      ],
    },
  ],
}
