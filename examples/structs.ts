/**
 * Structs with C's layout, several objects under one lock. Answers the example of Python's multiprocessing.sharedctypes and "Can I use regular
 * Python objects in shared memory?" of reference 5.
 */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import * as mp from 'sharedctypes'

const Point = mp.struct('Point', { x: 'c_double', y: 'c_double' })
const Sprite = mp.struct('Sprite', { at: Point, tint: ['c_uint8', 3], visible: 'c_bool' })

const makeShared = (lock: mp.Lock) => ({
  n: mp.Value('i', 7, { lock }),
  x: mp.RawValue('d', 1 / 3),
  points: mp.Array(
    Point,
    [
      { x: 1.875, y: -6.25 },
      { x: -5.75, y: 2 },
    ],
    { lock },
  ),
  sprite: mp.Value(Sprite, { at: { x: 1, y: 2 }, tint: [255, 128, 0], visible: false }, { lock }),
})

export function square({ n, x, points, sprite }: ReturnType<typeof makeShared>): void {
  using _ = n.getLock().hold()
  n.value **= 2
  x.value **= 2
  for (const point of points) {
    point.x **= 2
    point.y **= 2
  }
  sprite.value.at.x += 10
  sprite.value.tint.fill(200, 1)
  sprite.value.visible = true
}

if (mp.isMainProcess) {
  const shared = makeShared(mp.Lock())
  const child = new mp.Process(square, [shared]).start()
  await child.join()
  assert.equal(child.exitcode, 0)

  const { n, x, points, sprite } = shared
  assert.equal(n.value, 49)
  assert.equal(x.value, (1 / 3) ** 2)
  assert.deepEqual(JSON.parse(JSON.stringify([...points])), [
    { x: 3.515625, y: 39.0625 },
    { x: 33.0625, y: 4 },
  ])
  const { at, tint, visible } = sprite.value
  assert.deepEqual([at.x, at.y, ...tint, visible], [11, 2, 255, 200, 200, true])
  assert.deepEqual([Point.size, Sprite.size], [16, 24], "sizes are C's, padding included")
  console.log(inspect(shared, { depth: 4 }))
}
