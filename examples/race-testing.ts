/** Finds the lost update in an unlocked counter, and draws the smallest history that shows it. */
import assert from 'node:assert/strict'
import { isMainProcess, Value } from 'sharedctypes'
import { checkRaces, NotLinearizableError, specification } from 'sharedctypes/testing'

// Each process of the race imports this module, and finds the specifications at its top level.
const here = import.meta.url

export const unlocked = specification(here, { make: () => Value('c_int', 0), initial: 0 })
  .command('increment', {
    run: (counter) => {
      const next = counter.value + 1
      counter.value = next
      return next
    },
    step: (n) => ({ state: n + 1, result: n + 1 }),
  })
  .command('read', { run: (counter) => counter.value, step: (n) => ({ state: n, result: n }) })

export const locked = specification(here, { make: () => Value('c_int', 0), initial: 0 })
  .command('increment', {
    run: (counter) =>
      counter.withLock(() => {
        counter.value += 1
        return counter.value
      }),
    step: (n) => ({ state: n + 1, result: n + 1 }),
  })
  .command('read', { run: (counter) => counter.value, step: (n) => ({ state: n, result: n }) })

if (isMainProcess) {
  const error: unknown = await checkRaces(unlocked).catch((reason: unknown) => reason)
  assert(error instanceof NotLinearizableError, 'two processes at once lose updates')
  console.log(`Without the lock. ${error.message}\n`)
  assert(error.history.filter(({ name }) => name === 'increment').length >= 2)

  const { schedules, repetitions, overlapping } = await checkRaces(locked, { numRuns: 25 })
  console.log(`With the lock: ${schedules} schedules, run ${repetitions} times, ${overlapping} of them with operations that overlapped.`)
  console.log('Some order of the operations explained each.')
}
