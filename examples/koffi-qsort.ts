/** C's qsort on a shared array, in place, with a callback: what shares C's types can be given to C. Answers the "ctypes" of reference 5. */
import assert from 'node:assert/strict'
import koffi from 'koffi'
import * as mp from 'sharedctypes'

type Doubles = mp.Array<'c_double'>

export function sort(numbers: Doubles): void {
  const Compare = koffi.proto('int Compare(const double *a, const double *b)')
  // null: what is loaded already, and that is libc, whatever its name is here.
  const qsort = koffi.load(null).func('qsort', 'void', ['void *', 'size_t', 'size_t', koffi.pointer(Compare)])
  let calls = 0
  const compare = (a: unknown, b: unknown) => {
    calls += 1
    return Math.sign(koffi.decode(a, 'double') - koffi.decode(b, 'double'))
  }
  numbers.withLock(() => qsort(numbers, numbers.length, numbers.type.size, compare))
  console.log(`qsort compared ${calls} times`)
}

if (mp.isMainProcess) {
  const numbers = mp.Array('c_double', Array.from({ length: 5000 }, Math.random))
  const expected = [...numbers].sort((a, b) => a - b)
  const child = new mp.Process(sort, [numbers]).start()
  await child.join()
  assert.equal(child.exitcode, 0)
  assert.deepEqual([...numbers], expected)
  console.log(
    `a child's qsort sorted ${numbers.length} doubles in our memory, from ${numbers[0]?.toFixed(4)} to ${numbers.at(-1)?.toFixed(4)}`,
  )
}
