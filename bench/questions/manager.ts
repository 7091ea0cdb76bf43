/** What does a SharedMemoryManager cost: its start, its process's memory, and a block made through it? */
import { readFileSync } from 'node:fs'
import { SharedMemory, SharedMemoryManager } from '../../lib/index.js'
import { type Comparison, line, type Question, type Sample, type Trials } from '../question.js'
import { exactly, nodeTrial, pythonTrial } from '../trials.js'

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] as number

/** Resident memory of a process, shared pages of libraries included. */
function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

async function start(n: number): Promise<Sample> {
  const times: number[] = []
  let mib = 0
  for (let i = 0; i <= n; i++) {
    const begin = performance.now()
    const manager = await new SharedMemoryManager().start()
    if (i > 0) times.push(performance.now() - begin) // the first one warms up
    mib = residentMiB(manager.pid as number)
    await manager.shutdown()
  }
  return { ms: median(times), mib }
}

function blocks(n: number, make: () => SharedMemory): Sample {
  const begin = performance.now()
  for (let i = 0; i < n; i++) {
    const memory = make()
    memory.close()
    memory.unlink()
  }
  return { us: ((performance.now() - begin) * 1e3) / n }
}

async function managedBlocks(n: number): Promise<Sample> {
  await using manager = await new SharedMemoryManager().start()
  blocks(n / 4, () => manager.SharedMemory(4096))
  return blocks(n, () => manager.SharedMemory(4096))
}

function ownBlocks(n: number): Sample {
  const make = () => new SharedMemory({ create: true, size: 4096 })
  blocks(n / 4, make)
  return blocks(n, make)
}

export const trials = { start, managedBlocks, ownBlocks } satisfies Trials

const starts = exactly(30)
const startLines = (metric: string, bar: number): Comparison['lines'] => [
  line('ours', nodeTrial(import.meta.url, 'start', starts), { atMost: bar }, metric),
  line('CPython', pythonTrial('manager.py', 'start', starts), undefined, metric),
]
const making = exactly(2_000)

export const question: Question = {
  name: 'manager',
  title: 'SharedMemoryManager',
  comparisons: [
    { what: 'start(), until its process is ready', unit: 'ms', lines: startLines('ms', 20) },
    { what: "its process's resident memory", unit: 'MiB', lines: startLines('mib', 10) },
    {
      what: 'manager.SharedMemory(4096), close, unlink',
      unit: 'µs',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'managedBlocks', making), undefined, 'us'),
        line('ours, without a manager', nodeTrial(import.meta.url, 'ownBlocks', making), undefined, 'us'),
        line('CPython', pythonTrial('manager.py', 'blocks', making), undefined, 'us'),
      ],
    },
  ],
}
