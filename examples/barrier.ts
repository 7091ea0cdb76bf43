/**
 * Barrier: processes go on together, round by round; a killed one, or one that comes too late, breaks it for all. Answers what Python's Barrier
 * leaves open: there, the others wait for the killed one for ever.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import * as mp from 'sharedctypes'

const PARTIES = 3
const ROUNDS = 4

export function attend(barrier: mp.Barrier, places: mp.Array<'c_int'>): void {
  for (let round = 0; round < ROUNDS; round++) {
    const place = barrier.wait()
    using _ = places.hold()
    places[place] = (places[place] as number) + 1
  }
}

export function attendOnce(barrier: mp.Barrier): void {
  barrier.wait()
}

if (mp.isMainProcess) {
  let rounds = 0
  const barrier = mp.Barrier(PARTIES, {
    action() {
      rounds += 1
    },
  })
  const places = mp.Array('c_int', PARTIES)
  const children = [1, 2].map(() => new mp.Process(attend, [barrier, places]).start())
  for (let round = 1; round <= ROUNDS; round++) {
    const place = await barrier.waitAsync()
    assert.equal(rounds, round, 'the action has run before anybody goes on')
    using _ = places.hold()
    places[place] = (places[place] as number) + 1
  }
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)
  assert.deepEqual([...places], [ROUNDS, ROUNDS, ROUNDS])
  console.log(`${PARTIES} parties, ${rounds} rounds: each place was given once a round;`, barrier)

  const killed = new mp.Process(attendOnce, [barrier]).start()
  while (barrier.nWaiting < 1 && killed.isAlive) await pause(1)
  const waiting = barrier.waitAsync()
  killed.kill()
  await assert.rejects(waiting, mp.BrokenBarrierError)
  await killed.join()
  assert.equal(barrier.broken, true)
  console.log('a party was killed, and the others know:', barrier)

  barrier.reset()
  assert.throws(() => barrier.wait(20), mp.BrokenBarrierError)
  console.log('mended by reset(), and broken again by a party that waited long enough:', barrier)
}
