/** Memory that can't be had: refused with a code, no crash, nothing left behind. And memory that nobody else can take away. */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { attach, RawArray, Array as SharedArray, struct, Value } from '../../lib/index.js'
import {
  type Coded,
  descriptors,
  outOfRange,
  refused,
  removeNames,
  shmPath,
  thrownBy,
  uniqueName,
  wrongType,
} from '../fixtures/unit-helpers.js'

describe('limits of memory', () => {
  afterEach(removeNames)

  describe('lengths', () => {
    const makers: [string, (length: never) => unknown][] = [
      ['Array', (length) => SharedArray('c_int', length)],
      ['RawArray', (length) => RawArray('c_double', length)],
      ['Array of c_bool', (length) => SharedArray('c_bool', length)],
      ['RawArray of c_char', (length) => RawArray('c_char', length)],
    ]
    for (const [what, make] of makers) {
      it(`that are none are refused: ${what}`, () => {
        for (const length of [-1, -0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, 1e300])
          outOfRange(() => make(length as never), '`length`', String(length))
        for (const length of [5n, undefined, null, true, {}, Symbol('5')]) wrongType(() => make(length as never), '`initial`')
      })

      it(`beyond all memory are refused with ENOMEM, anonymous and named: ${what}`, () => {
        const name = uniqueName()
        const open = descriptors().length
        for (const length of [2 ** 42, 2 ** 50, Number.MAX_SAFE_INTEGER]) {
          const error = thrownBy(() => make(length as never))
          expect(error).to.include({ code: 'ENOMEM', errno: -12, syscall: 'fallocate' })
          expect(thrownBy(() => RawArray('c_byte', length, { name })).code).to.be.oneOf(['ENOMEM', 'ENOSPC'])
        }
        expect(descriptors().length).to.equal(open)
        expect(existsSync(shmPath(name))).to.equal(false)
      })
    }

    it('that overflow 64 bits are refused too', () => {
      const Wide = struct('Wide', { bytes: ['c_byte', 16_000_000] })
      for (const length of [2 ** 40, 2 ** 44, Number.MAX_SAFE_INTEGER])
        expect(thrownBy(() => RawArray(Wide, length)).code).to.equal('ENOMEM')
    })

    it('beyond what /dev/shm holds are ENOSPC, there and then, and what exists stays sound', function () {
      const program = fileURLToPath(new URL('../fixtures/unit-full.js', import.meta.url))
      const script = 'mount -t tmpfs -o size=64k tmpfs /dev/shm || exit 77; exec "$0" "$1"'
      const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm']
      const run = spawnSync('unshare', [...unshare, 'sh', '-c', script, process.execPath, program], { encoding: 'utf8' })
      if (run.error !== undefined || run.status === 77 || run.stderr.includes('unshare')) this.skip() // no leave to mount
      expect([run.status, run.signal, run.stderr]).to.deep.equal([0, null, ''])
      const { errors, afterFailing, values, intact, again } = JSON.parse(run.stdout) as {
        errors: Coded[]
        afterFailing: unknown
        values: number
        intact: boolean
        again: number
      }
      expect(errors.map(({ code }) => code)).to.deep.equal(['ENOSPC', errors[1]?.code, 'ENOSPC', 'ENOSPC'])
      expect(errors[1]?.code).to.be.oneOf(['ENOSPC', 'ENOMEM'])
      expect(errors[0]).to.include({ errno: -28, syscall: 'fallocate' })
      expect(errors[0]?.message).to.include('ENOSPC')
      expect(afterFailing).to.deep.equal({ names: [], descriptors: 0 })
      expect([intact, again]).to.deep.equal([true, 6])
      expect(values).to.be.above(3)
    })
  })

  it('without a descriptor left everything is EMFILE, and what exists stays sound', () => {
    const program = fileURLToPath(new URL('../fixtures/unit-few-descriptors.js', import.meta.url))
    const run = spawnSync('sh', ['-c', 'ulimit -n 60; exec "$0" "$1"', process.execPath, program], { encoding: 'utf8' })
    expect([run.status, run.signal, run.stderr]).to.deep.equal([0, null, ''])
    const { arrays, ...rest } = JSON.parse(run.stdout) as Record<string, unknown>
    expect(rest).to.deep.equal({ codes: ['EMFILE', 'EMFILE', 'EMFILE'], named: 0, again: 5000, intact: true })
    expect(arrays).to.be.above(2)
  })

  it('a Value may be larger than a page', () => {
    const Big = struct('Big', { bytes: ['c_ubyte', 10_000], last: 'c_double' })
    using value = Value(Big)
    using other = attach<typeof value>(value.toJSON())
    value.withLock(() => {
      value.value.bytes[9999] = 5
      value.value.last = 1.5
    })
    expect([other.value.bytes[9999], other.value.last]).to.deep.equal([5, 1.5])
  })

  it('anonymous memory can be neither cut short nor made longer: who maps it would get a SIGBUS', () => {
    for (const object of [Value('c_int', 7), RawArray('c_int', 5000)]) {
      const fd = openSync(`/proc/self/fd/${object.toJSON().segment.fd}`, 'r+')
      for (const size of [0, 4096, 2 ** 30]) refused(() => ftruncateSync(fd, size), 'EPERM')
      closeSync(fd)
      object.close()
    }
  })

  it('programs that this one starts inherit nothing of it', () => {
    using value = Value('c_int', 7)
    using array = RawArray('c_int', 5000)
    using named = Value('c_int', 7, { name: uniqueName() })
    expect(descriptors().filter((link) => link.startsWith('/memfd:sharedctypes')).length).to.be.above(1)
    const { stdout } = spawnSync('sh', ['-c', 'ls -l /proc/self/fd'], { encoding: 'utf8' })
    expect(stdout)
      .to.include(' -> ')
      .and.not.include('memfd:sharedctypes')
      .and.not.include(named.name ?? '')
    expect([value.value, array.length, named.value]).to.deep.equal([7, 5000, 7])
  })
})
