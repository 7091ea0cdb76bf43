/** wait, waitAsync and notify on Values and Arrays of 32-bit integers. */
import { checkTimeout } from '../check.js'
import type { AnyType, ScalarType } from '../ctypes/ctype.js'
import { invalidType } from '../errors.js'
import type { AsyncWaitOptions } from '../sync/options.js'
import { checkIndex, notifyWord, type WordWaitResult, waitForWord, waitForWordAsync } from '../sync/word-wait.js'
import { BLOCK, type Constructor, type Internals, TYPE } from './internals.js'

const SIZE = 4

function checkType(type: AnyType): ScalarType {
  if (type.kind === 'scalar' && type.category === 'number' && type.size === SIZE) return type
  throw invalidType(`Expected a type of 32-bit integers to wait on, such as c_int, got ${type.name}: the kernel waits on 32 bits`)
}

/** For a Value: the word is all there is. */
export interface ValueWaits {
  /**
   * Blocks while the value is `expected`, until another calls `notify`: Atomics.wait, across processes.
   *
   * @param expected - checked at the moment of getting in line: no notification after a change can be missed
   * @param timeout - ms to wait at most; absent: for ever
   * @returns 'not-equal' at once if the value is another; 'ok' when notified; 'timed-out'
   * @throws ERR_INVALID_ARG_TYPE, also for other types than 32-bit integers; ERR_OUT_OF_RANGE; ERR_CLOSED; ENOSPC if too many threads wait
   */
  wait(expected: number, timeout?: number): WordWaitResult
  /** The same without blocking the event loop. Rejects with the signal's reason, and with ERR_CLOSED when the object is closed meanwhile. */
  waitAsync(expected: number, options?: AsyncWaitOptions): Promise<WordWaitResult>
  /**
   * Wakes those who wait, oldest first.
   *
   * @param count - how many at most; absent: all
   * @returns how many: min(count, living waiters)
   */
  notify(count?: number): number
}

/** For an Array: the same on one of its elements. An index outside is ERR_OUT_OF_RANGE. */
export interface ArrayWaits {
  /** See {@link ValueWaits.wait}. */
  wait(index: number, expected: number, timeout?: number): WordWaitResult
  /** See {@link ValueWaits.waitAsync}. */
  waitAsync(index: number, expected: number, options?: AsyncWaitOptions): Promise<WordWaitResult>
  /** See {@link ValueWaits.notify}. */
  notify(index: number, count?: number): number
}

export function valueWaits<B extends Constructor<Internals>>(Base: B): B & Constructor<ValueWaits> {
  return class extends Base implements ValueWaits {
    wait(expected: number, timeout?: number): WordWaitResult {
      const bits = checkType(this[TYPE]).check(expected, 'expected') as number
      return waitForWord(this[BLOCK], 0, bits, checkTimeout(timeout))
    }

    async waitAsync(expected: number, options?: AsyncWaitOptions): Promise<WordWaitResult> {
      const bits = checkType(this[TYPE]).check(expected, 'expected') as number
      return waitForWordAsync(this[BLOCK], 0, bits, options)
    }

    notify(count?: number): number {
      checkType(this[TYPE])
      return notifyWord(this[BLOCK], 0, count)
    }
  }
}

export function arrayWaits<B extends Constructor<Internals>>(Base: B): B & Constructor<ArrayWaits> {
  return class extends Base implements ArrayWaits {
    #offset(index: number): number {
      this[BLOCK].checkOpen()
      return checkIndex(index, this[BLOCK].bytes / SIZE) * SIZE
    }

    wait(index: number, expected: number, timeout?: number): WordWaitResult {
      const bits = checkType(this[TYPE]).check(expected, 'expected') as number
      return waitForWord(this[BLOCK], this.#offset(index), bits, checkTimeout(timeout))
    }

    async waitAsync(index: number, expected: number, options?: AsyncWaitOptions): Promise<WordWaitResult> {
      const bits = checkType(this[TYPE]).check(expected, 'expected') as number
      return waitForWordAsync(this[BLOCK], this.#offset(index), bits, options)
    }

    notify(index: number, count?: number): number {
      checkType(this[TYPE])
      return notifyWord(this[BLOCK], this.#offset(index), count)
    }
  }
}
