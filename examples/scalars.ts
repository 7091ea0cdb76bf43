/** Values of C's scalar types, written by a child and read by its parent. Answers "Shared Scalar Values" of reference 5. */
import assert from 'node:assert/strict'
import { isMainProcess, Process, Value } from 'sharedctypes'

const makeScalars = () => ({
  c_int: Value('c_int', 0),
  c_long: Value('c_long', 10n ** 18n),
  c_float: Value('c_float', 0.5),
  c_double: Value('c_double', 3.14),
  c_bool: Value('c_bool', true),
  c_char: Value('c_char', 'a'),
})

export function write(scalars: ReturnType<typeof makeScalars>): void {
  scalars.c_int.value = 42
  scalars.c_long.value += 1n
  scalars.c_float.value *= 3
  scalars.c_double.value = -0.1
  scalars.c_bool.value = false
  scalars.c_char.value = 'z'
}

if (isMainProcess) {
  const scalars = makeScalars()
  const rows = Object.entries(scalars).map(([name, scalar]) => ({ name, bytes: scalar.type.size, before: scalar.value }))
  const child = new Process(write, [scalars]).start()
  await child.join()
  assert.equal(child.exitcode, 0)

  const after = Object.values(scalars).map((scalar) => scalar.value)
  assert.deepEqual(after, [42, 10n ** 18n + 1n, 1.5, -0.1, false, 'z'])
  console.table(rows.map((row, i) => ({ ...row, 'after the child': after[i] })))

  const { c_int: integer } = scalars
  assert.throws(() => {
    integer.value = 2 ** 31
  }, RangeError)
  assert.equal(integer.value, 42, 'what does not fit changes nothing')
  console.log('2 ** 31 does not fit a c_int: RangeError, and it is still', integer.value)
}
