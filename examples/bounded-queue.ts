/**
 * A bounded queue between processes: a ring in a shared Array, and two Conditions of one lock. Answers the Queue of references 2 and 5: here an
 * item is four bytes written once, never pickled.
 */
import assert from 'node:assert/strict'
import * as mp from 'sharedctypes'

const CAPACITY = 16
const PRODUCERS = 3
const CONSUMERS = 2
const EACH = 4000
const TOTAL = PRODUCERS * EACH

const State = mp.struct('State', { first: 'c_uint32', length: 'c_uint32', closed: 'c_bool' })

interface Queue {
  ring: mp.RawArray<'c_int'>
  state: mp.RawValue<typeof State>
  notFull: mp.Condition
  notEmpty: mp.Condition
}

function makeQueue(): Queue {
  const lock = mp.Lock()
  return {
    ring: mp.RawArray('c_int', CAPACITY),
    state: mp.RawValue(State),
    notFull: mp.Condition(lock),
    notEmpty: mp.Condition(lock),
  }
}

function put({ ring, state: { value: state }, notFull, notEmpty }: Queue, item: number): void {
  using _ = notFull.hold()
  notFull.waitFor(() => state.length < CAPACITY)
  ring[(state.first + state.length) % CAPACITY] = item
  state.length += 1
  notEmpty.notify()
}

/** The next item; undefined when the queue is closed and empty. */
function take({ ring, state: { value: state }, notFull, notEmpty }: Queue): number | undefined {
  using _ = notEmpty.hold()
  notEmpty.waitFor(() => state.length > 0 || state.closed)
  if (state.length === 0) return undefined
  const item = ring[state.first]
  state.first = (state.first + 1) % CAPACITY
  state.length -= 1
  notFull.notify()
  return item
}

/** No more items will come: consumers that wait need not. */
function end({ state: { value: state }, notEmpty }: Queue): void {
  using _ = notEmpty.hold()
  state.closed = true
  notEmpty.notifyAll()
}

export function produce(queue: Queue, producer: number): void {
  for (let i = 0; i < EACH; i++) put(queue, producer * EACH + i)
}

export function consume(queue: Queue, consumer: number, timesTaken: mp.RawArray<'c_uint8'>, sums: mp.RawArray<'c_double'>): void {
  for (let item = take(queue); item !== undefined; item = take(queue)) {
    timesTaken[item] = (timesTaken[item] as number) + 1
    sums[consumer] = (sums[consumer] as number) + item
  }
}

if (mp.isMainProcess) {
  const queue = makeQueue()
  const timesTaken = mp.RawArray('c_uint8', TOTAL)
  const sums = mp.RawArray('c_double', CONSUMERS)
  const consumers = Array.from({ length: CONSUMERS }, (_, i) => new mp.Process(consume, [queue, i, timesTaken, sums]).start())
  const producers = Array.from({ length: PRODUCERS }, (_, i) => new mp.Process(produce, [queue, i]).start())
  await Promise.all(producers.map((each) => each.join()))
  end(queue)
  await Promise.all(consumers.map((each) => each.join()))
  for (const { exitcode } of [...producers, ...consumers]) assert.equal(exitcode, 0)

  assert(timesTaken.every((times) => times === 1))
  const sum = sums.reduce((a, b) => a + b)
  assert.equal(sum, (TOTAL * (TOTAL - 1)) / 2)
  console.log(
    `${PRODUCERS} producers, ${CONSUMERS} consumers, room for ${CAPACITY}: each of ${TOTAL} items was taken once; their sum is ${sum}`,
  )
  console.log('the queue:', queue.state)
}
