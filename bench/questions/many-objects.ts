/** What do 10,000 Values take, and how soon does another process have them? */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { attach, type Handle, Value } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { segments, sum } from '../segments.js'
import { exactly, nodeTrial, pythonTrial } from '../trials.js'

const MIB = 2 ** 20

/** In the other process: attaches to everything it is sent, and looks at every value. */
async function receive(n: number): Promise<void> {
  const [json] = (await once(process, 'message')) as [string]
  const handles = JSON.parse(json) as Handle[]
  const start = performance.now()
  const values = handles.map((handle) => attach<Value<'c_int'>>(handle))
  const attachMs = performance.now() - start
  expectExact('values that arrived', values.filter((v, i) => v.value === i).length, n)
  process.send?.({ attachMs }, undefined, undefined, () => process.disconnect())
}

export const trials = {
  async values(n) {
    if (process.send !== undefined) {
      await receive(n)
      return {}
    }
    const values = Array.from({ length: n }, (_, i) => Value('c_int', i))
    const sizes = segments()
    const child = fork(process.argv[1] as string, [import.meta.url, 'values', String(n)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const exited = once(child, 'exit') as Promise<[number | null]>
    child.send(JSON.stringify(values))
    const [theirs] = (await Promise.race([once(child, 'message'), exited])) as [{ attachMs: number }]
    const [code] = await exited
    if (code !== 0) throw new Error(`the other process ended with ${code}`)
    return { mib: sum(sizes) / MIB, descriptors: sizes.length, ...theirs }
  },
} satisfies Trials

const ours = nodeTrial(import.meta.url, 'values', exactly(10_000))
const python = pythonTrial('many_objects.py', 'values', exactly(10_000))

export const question: Question = {
  name: 'many-objects',
  title: '10,000 Values',
  comparisons: [
    {
      what: 'shared memory',
      unit: 'MiB',
      lines: [line('ours, size of all segments', ours, { atMost: 4 }, 'mib'), line('CPython, files it maps', python, undefined, 'mib')],
    },
    {
      what: 'descriptors for them',
      unit: '',
      lines: [line('ours', ours, { atMost: 7 }, 'descriptors'), line('CPython', python, undefined, 'descriptors')],
    },
    {
      what: 'attach to all of them by handle, in another process (CPython cannot)',
      unit: 'ms',
      lines: [line('ours', ours, { atMost: 100 }, 'attachMs')],
    },
  ],
}
