/**
 * wait and notify of Values and Arrays: processes that sleep until a number changes. Answers JavaScript's Atomics.wait and notify, which do not
 * cross processes.
 */
import assert from 'node:assert/strict'
import * as mp from 'sharedctypes'

const ROUNDS = 5000
const SQUARES = 3
type Int = mp.Value<'c_int'>
type Ints = mp.Array<'c_int'>

/** Waits for its turn, counts, and passes the turn on. */
export function play(turn: Int, count: Int, me: number): void {
  const other = 1 - me
  for (let round = 0; round < ROUNDS; round++) {
    while (turn.value !== me) turn.wait(other)
    // Neither lock nor atomic operation: while it is our turn, nobody else touches the count.
    count.value += 1
    turn.value = other
    turn.notify()
  }
}

export function square(orders: Ints, answers: Ints, mine: number): void {
  orders.wait(mine, 0)
  answers[mine] = (orders[mine] as number) ** 2
  answers.notify(mine)
}

if (mp.isMainProcess) {
  const turn = mp.Value('c_int', 0)
  const count = mp.Value('c_int', 0)
  const player = new mp.Process(play, [turn, count, 1]).start()
  play(turn, count, 0)
  await player.join()
  assert.equal(player.exitcode, 0)
  assert.equal(count.value, 2 * ROUNDS)
  console.log(`two processes took ${count.value} turns`)

  assert.equal(turn.wait(1), 'not-equal')
  assert.equal(turn.wait(0, 20), 'timed-out')
  assert.equal(turn.notify(), 0, 'nobody waits')

  const orders = mp.Array('c_int', SQUARES)
  const answers = mp.Array('c_int', SQUARES)
  const children = Array.from(orders, (_, i) => new mp.Process(square, [orders, answers, i]).start())
  for (let i = 0; i < SQUARES; i++) {
    orders[i] = i + 7
    orders.notify(i)
  }
  // 'ok' if we slept, 'not-equal' if the answer was there before.
  for (let i = 0; i < SQUARES; i++) assert.notEqual(await answers.waitAsync(i, 0), 'timed-out')
  assert.deepEqual([...answers], [49, 64, 81])
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)
  console.log(`three were given ${orders.join(', ')}, and answered ${answers.join(', ')}`)
}
