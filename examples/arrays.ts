/** Arrays: by length, by elements, of numbers, of truth values, of text. Answers "Shared Arrays" of reference 5. */
import assert from 'node:assert/strict'
import * as mp from 'sharedctypes'

const makeArrays = () => ({
  zeros: mp.Array('c_int', 10),
  numbers: mp.Array('c_int', [1, 2, 3, 4, 5]),
  doubles: mp.Array('d', [0.5, 1.5]),
  flags: mp.Array('c_bool', 3),
  text: mp.Array('c_char', 'hello world'),
})

export function change({ zeros, numbers, doubles, flags, text }: ReturnType<typeof makeArrays>): void {
  numbers[1] = 99
  zeros.fill(7, 5)
  doubles.set(doubles.map((each) => each * 2))
  flags[2] = true
  text.withLock(() => {
    text.value = text.value.toUpperCase()
  })
}

if (mp.isMainProcess) {
  const arrays = makeArrays()
  const child = new mp.Process(change, [arrays]).start()
  await child.join()
  assert.equal(child.exitcode, 0)
  console.log(arrays)

  const { zeros, numbers, doubles, flags, text } = arrays
  assert.deepEqual([...numbers], [1, 99, 3, 4, 5])
  assert.deepEqual([...zeros], [0, 0, 0, 0, 0, 7, 7, 7, 7, 7])
  assert.deepEqual([...doubles], [1, 3])
  assert.deepEqual([...flags], [false, false, true])
  assert.equal(text.value, 'HELLO WORLD')

  assert(numbers instanceof Int32Array)
  const copied = numbers.slice(0, 2)
  copied[0] = -1
  assert.equal(numbers[0], 1, 'slices are copies, as in Python')
  const part = numbers.subarray(0, 2)
  part[0] = 10
  assert.equal(numbers[0], 10, 'subarrays are views, as in JavaScript')
  console.log(
    'sum',
    numbers.reduce((sum, each) => sum + each),
    'largest',
    Math.max(...numbers),
  )
}
