/** Processes: names, exit codes, an error in the child, terminate and kill. Answers multiprocessing.Process as references 2 and 5 use it. */
import assert from 'node:assert/strict'
import { currentProcess, isMainProcess, Process, Value } from 'sharedctypes'

export function greet(greeter: Value<'c_int'>): void {
  console.log(`hello from ${currentProcess.name}`)
  greeter.value = process.pid
}

export function fail(): never {
  throw new Error('this error is a part of the example')
}

export function runForEver(): never {
  for (;;);
}

if (isMainProcess) {
  console.log(`hello from ${currentProcess.name}`)
  const greeter = Value('c_int', 0)
  const well = new Process(greet, [greeter], { name: 'the greeter' })
  assert.deepEqual([well.pid, well.isAlive, well.exitcode], [undefined, false, null])
  assert.equal(await well.start().join(), true)
  assert.equal(greeter.value, well.pid)

  const failed = new Process(fail, [], { name: 'the failing one' }).start()
  await failed.join()

  const asked = new Process(runForEver, [], { name: 'the terminated one' }).start()
  assert.equal(await asked.join(50), false)
  assert.equal(asked.isAlive, true)
  asked.terminate()
  await asked.join()

  const killed = new Process(runForEver, [], { name: 'the killed one' }).start()
  killed.kill()
  await killed.join()

  const all = [well, failed, asked, killed]
  assert.deepEqual(
    all.map((each) => each.exitcode),
    [0, 1, -15, -9],
  )
  for (const each of all) console.log(each)
}
