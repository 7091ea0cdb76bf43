/**
 * A configuration that one process rewrites while others read it, under an RWLock: whatever is read is of one version. Answers "Reads are safe as
 * long as no process is writing to the same region simultaneously" ("Common Misconception") of reference 2.
 */
import assert from 'node:assert/strict'
import * as mp from 'sharedctypes'

const READERS = 3
const VERSIONS = 2000

const Config = mp.struct('Config', { version: 'c_uint32', url: ['c_char', 64], weights: ['c_double', 8], debug: 'c_bool' })
const configOf = (version: number) => ({
  version,
  url: `https://example.org/v${version}/api`,
  weights: Array.from({ length: 8 }, (_, i) => version + i / 8),
  debug: version % 2 === 1,
})

interface Shared {
  config: mp.RawValue<typeof Config>
  lock: mp.RWLock
  start: mp.Barrier
  reads: mp.RawValue<'c_int'>
  halfWritten: mp.RawValue<'c_int'>
}

export function read({ config, lock, start, reads, halfWritten }: Shared): void {
  const look = () => JSON.stringify(config.value)
  start.wait()
  for (let version = 0; version < VERSIONS; ) {
    const text = lock.read.withLock(look)
    const seen = JSON.parse(text)
    if (text !== JSON.stringify(configOf(seen.version))) halfWritten.add(1)
    assert(seen.version >= version, 'never an older one again')
    version = seen.version
    reads.add(1)
  }
}

if (mp.isMainProcess) {
  const config = mp.RawValue(Config, configOf(0))
  const lock = mp.RWLock()
  const start = mp.Barrier(READERS + 1)
  const reads = mp.RawValue('c_int')
  const halfWritten = mp.RawValue('c_int')
  const children = Array.from({ length: READERS }, () => new mp.Process(read, [{ config, lock, start, reads, halfWritten }]).start())
  await start.waitAsync()
  for (let version = 1; version <= VERSIONS; version++) {
    lock.write.withLock(() => {
      config.value = configOf(version)
    })
  }
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)
  assert.equal(halfWritten.value, 0)
  console.log(
    `${VERSIONS} versions written, ${reads.value} reads by ${READERS} processes, ${halfWritten.value} of them half-written. The last:`,
  )
  console.log(config)
}
