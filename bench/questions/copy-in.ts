/** How fast does a lot of data get into a SharedMemory? */
import { SharedMemory } from '../../lib/index.js'
import { expectExact, median } from '../measure.js'
import { type Bar, type Comparison, line, type Question, type Trials } from '../question.js'
import { cTrial, nodeTrial, pythonTrial } from '../trials.js'

const SIZE = 2 ** 28 // 256 MiB
const FILL = 0x5a

const block = () => new SharedMemory({ create: true, size: SIZE })

function end(memory: SharedMemory): void {
  expectExact('the last byte', memory.buf[SIZE - 1] as number, FILL)
  memory.close()
  memory.unlink()
}

export const trials = {
  present(n) {
    const source = Buffer.alloc(SIZE, FILL)
    const memory = block()
    memory.buf.set(source)
    const times = Array.from({ length: n }, () => {
      const start = performance.now()
      memory.buf.set(source)
      return performance.now() - start
    })
    end(memory)
    return { ms: median(times) }
  },
  fresh(n) {
    const source = Buffer.alloc(SIZE, FILL)
    const times = Array.from({ length: n }, () => {
      const start = performance.now()
      const memory = block()
      const made = performance.now()
      memory.buf.set(source)
      const copied = performance.now()
      end(memory)
      return { created: made - start, copied: copied - made, both: copied - start }
    })
    const metric = (name: keyof (typeof times)[number]) => median(times.map((each) => each[name]))
    return { created: metric('created'), copied: metric('copied'), both: metric('both') }
  },
} satisfies Trials

const many = { full: 20, quick: 2 }
const few = { full: 5, quick: 1 }
const ours = nodeTrial(import.meta.url, 'fresh', few)
const cpython = pythonTrial('copy_in.py', 'fresh', few)
const c = cTrial('copy_in.c', 'fresh', few)
const reserved = cTrial('copy_in.c', 'fresh_reserved', few)
const populated = cTrial('copy_in.c', 'fresh_populated', few)
const limit = { atMostTimes: 1.15 }

const fresh = (what: string, metric: string, bars: { reserved?: Bar; sparse?: Bar } = {}): Comparison => ({
  what,
  unit: 'ms',
  lines: [
    line('ours', ours, undefined, metric),
    line('C, as ours: fallocate', reserved, bars.reserved, metric),
    line('C, ftruncate', c, bars.sparse, metric),
    line('C, fallocate + MADV_POPULATE_WRITE', populated, undefined, metric),
    line('CPython, buf[:] = bytes', cpython, undefined, metric),
  ],
})

export const question: Question = {
  name: 'copy-in',
  title: '256 MiB copied into a SharedMemory, buf.set(bytes)',
  comparisons: [
    {
      what: 'pages present',
      unit: 'ms',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'present', many), undefined, 'ms'),
        line('C, memcpy', cTrial('copy_in.c', 'present', many), limit, 'ms'),
        line('CPython, buf[:] = bytes', pythonTrial('copy_in.py', 'present', many), undefined, 'ms'),
      ],
    },
    fresh('into a fresh block, with its creation', 'both', { reserved: limit, sparse: limit }),
    // Where the pages are not reserved they are taken in the copy. So this says nothing against ftruncate.
    fresh('into a fresh block, without its creation', 'copied', { reserved: limit }),
    fresh('the creation', 'created'),
  ],
}
