/**
 * Doubles integers in two processes: sent to them and back, in a ShareableList, in an Array. Answers reference 1, whose ShareableList took 4 to
 * 6,792 times as long as plain lists, and which asks under what circumstances shared memory pays. More sizes: node dist/examples/doubling.js 999999
 */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { attach, type Handle, RawArray, ShareableList } from 'sharedctypes'

const SIZES = [99, 999, 9999, 99_999, ...process.argv.slice(2).map(Number)]
const WORKERS = 2

type Shared = RawArray<'c_int'> | ShareableList
type Part = { start: number; end: number }
/** To double the items in it, or a part of the shared object that was ordered last. */
type Order = { items: number[] } | ({ handle?: Handle } & Part)

/* The workers. */

function doublePart(shared: Shared, { start, end }: Part): void {
  if (shared instanceof ShareableList) for (let i = start; i < end; i++) shared.set(i, (shared.get(i) as number) * 2)
  else for (let i = start; i < end; i++) shared[i] = (shared[i] as number) * 2
}

function serve(): void {
  let held: Shared | undefined
  process.on('message', (order: Order) => {
    if ('items' in order) return process.send?.(order.items.map((each) => each * 2))
    if (order.handle) {
      held?.close()
      held = attach<Shared>(order.handle)
    }
    doublePart(held as Shared, order)
    return process.send?.('done')
  })
}

/* The parent. */

type Ask = (orderOf: (part: Part) => Order) => Promise<unknown[]>
interface Outcome {
  readonly ms: number
  readonly doubled: readonly unknown[]
}

const makeList = (data: number[]) => new ShareableList(data)
const makeArray = (data: number[]) => RawArray('c_int', data)

function discard(shared: Shared): void {
  shared.close()
  if (shared instanceof ShareableList) shared.unlink()
}

async function byMessages(data: number[], ask: Ask): Promise<Outcome> {
  const begun = performance.now()
  const doubled = (await ask(({ start, end }) => ({ items: data.slice(start, end) }))).flat()
  return { ms: performance.now() - begun, doubled }
}

/** From a plain list to a plain list: the data are copied into shared memory first, and out at the end. */
async function inAndOut(make: (data: number[]) => Shared, data: number[], ask: Ask): Promise<Outcome> {
  const begun = performance.now()
  const shared = make(data)
  const handle = shared.toJSON()
  await ask((part) => ({ handle, ...part }))
  const doubled = [...shared]
  discard(shared)
  return { ms: performance.now() - begun, doubled }
}

/** The data live in shared memory, and the workers have it open, as programs do that keep working on them. */
async function inPlace(make: (data: number[]) => Shared, data: number[], ask: Ask): Promise<Outcome> {
  const shared = make(data)
  const handle = shared.toJSON()
  await ask(() => ({ handle, start: 0, end: 0 }))
  const begun = performance.now()
  await ask((part) => part)
  const ms = performance.now() - begun
  const doubled = [...shared]
  discard(shared)
  return { ms, doubled }
}

const ways: Record<string, (data: number[], ask: Ask) => Promise<Outcome>> = {
  messages: byMessages,
  'list, in and out': (data, ask) => inAndOut(makeList, data, ask),
  'list, in place': (data, ask) => inPlace(makeList, data, ask),
  'Array, in and out': (data, ask) => inAndOut(makeArray, data, ask),
  'Array, in place': (data, ask) => inPlace(makeArray, data, ask),
}

/** The median of each way, in ms. All ways take turns, so that what else the machine does meets all alike. */
async function measure(size: number, workers: readonly ChildProcess[]): Promise<number[]> {
  const data = Array.from({ length: size }, (_, i) => i - 49)
  const expected = data.map((each) => each * 2)
  const chunk = Math.ceil(size / WORKERS)
  const ask: Ask = (orderOf) =>
    Promise.all(
      workers.map(async (worker, i) => {
        const answer = once(worker, 'message')
        worker.send(orderOf({ start: i * chunk, end: Math.min((i + 1) * chunk, size) }))
        return (await answer)[0]
      }),
    )
  const times: number[][] = Object.values(ways).map(() => [])
  for (let round = 0; round < (size < 50_000 ? 15 : 5); round++) {
    for (const [i, way] of Object.values(ways).entries()) {
      const { ms, doubled } = await way(data, ask)
      assert.deepEqual(doubled, expected)
      times[i]?.push(ms)
    }
  }
  return times.map((each) => each.sort((a, b) => a - b)[each.length >> 1] as number)
}

const row = (cells: readonly string[]) => console.log(cells.map((cell) => cell.padStart(18)).join(''))

if (process.send === undefined) {
  // Advanced: of Node's two ways to write messages the faster for lists of numbers.
  const workers = Array.from({ length: WORKERS }, () => fork(fileURLToPath(import.meta.url), { serialization: 'advanced' }))
  await measure(1000, workers) // for the compilers to warm up
  console.log('ms to double so many integers in two processes')
  row(['', ...Object.keys(ways)])
  const medians: number[][] = []
  for (const size of SIZES) {
    const measured = await measure(size, workers)
    medians.push(measured)
    row([size.toLocaleString('en'), ...measured.map((ms) => ms.toFixed(2))])
  }
  for (const worker of workers) worker.disconnect()
  console.log('in and out: made of a plain list, and read out into one; in place: the data live in shared memory')

  for (const [i, way] of Object.keys(ways).entries()) {
    if (i === 0) continue
    // From the last size on at which it was not ahead.
    const from = medians.findLastIndex((row) => (row[i] as number) >= (row[0] as number)) + 1
    console.log(
      way.padEnd(18),
      from < SIZES.length ? `ahead of messages from ${SIZES[from]?.toLocaleString('en')} on` : 'not ahead of messages',
    )
  }
} else serve()
