/** Files read without a trace: never mapped, never followed, never waited for, and their access time stays where that is permitted. */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { codeOf } from '../errors.js'

/** Node has no O_CLOEXEC to give and sets it itself. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK
const ATTEMPTS = [constants.O_NOATIME, 0]

function open(path: Buffer | string, flags: number): number {
  for (const extra of ATTEMPTS) {
    try {
      return openSync(path, FLAGS | flags | extra)
    } catch (error) {
      if (codeOf(error) !== 'EPERM' || extra === 0) throw error // O_NOATIME is the owner's alone
    }
  }
  throw new Error('unreachable')
}

/** A file open for reading. */
export class ReadFile {
  readonly fd: number
  readonly stat: BigIntStats

  /** `follow`: for the links in /proc/PID/fd, which lead where no path does. */
  constructor(path: Buffer | string, follow = false) {
    this.fd = open(path, follow ? 0 : constants.O_NOFOLLOW)
    this.stat = fstatSync(this.fd, { bigint: true })
  }

  get size(): number {
    return Number(this.stat.size)
  }

  /** Up to `bytes` bytes: fewer where the file ends, as it may by now before the end that it had. */
  read(at: number, bytes: number): Buffer {
    const into = Buffer.alloc(Math.max(0, Math.min(bytes, this.size - at)))
    let got = 0
    while (got < into.length) {
      const step = readSync(this.fd, into, got, into.length - got, at + got)
      if (step === 0) break
      got += step
    }
    return into.subarray(0, got)
  }

  close(): void {
    closeSync(this.fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
