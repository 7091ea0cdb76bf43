/** Whatever one can wait on, from its handle, in one form: a wait that was woken gives true, one whose time ran out false. */
import {
  type AsyncWaitOptions,
  attach,
  type Barrier,
  type Condition,
  type Event,
  type Handle,
  type RawArray,
  type RawValue,
  type Semaphore,
} from '../../lib/index.js'
import { untilBusily } from './deferred.js'

export interface Waitable {
  wait(timeout?: number): boolean
  waitAsync(options?: AsyncWaitOptions): Promise<boolean>
  /** How many asynchronous waits of this object are in line. */
  readonly pending: number
  /** Wakes so many; says how many it woke, where it knows. */
  wake(count: number): Promise<number | undefined>
  /** Wakes one, also one that only begins to wait by and by. */
  wakeOne(): Promise<void>
  close(): void
}

/** The object's own forms. */
interface Form {
  wait(timeout?: number): boolean
  waitAsync(options: AsyncWaitOptions | undefined, inLine: () => void): Promise<boolean>
  wake(count: number): Promise<number | undefined>
  wakeOne?(): Promise<void>
}

/** The element of an Array that is waited on. */
const INDEX = 1

function woken(outcome: 'ok' | 'not-equal' | 'timed-out'): boolean {
  if (outcome === 'not-equal') throw new Error('not-equal')
  return outcome === 'ok'
}

function ofEvent(event: Event): Form {
  return {
    wait: (timeout) => event.wait(timeout),
    waitAsync: (options, inLine) => {
      const wait = event.waitAsync(options)
      inLine()
      return wait
    },
    wake: async () => {
      event.set()
      event.clear()
      return undefined
    },
    wakeOne: async () => event.set(),
  }
}

function ofCondition(condition: Condition): Form {
  const notify = (count: number) => condition.withLockAsync(() => condition.notify(count))
  return {
    wait: (timeout) => condition.withLock(() => condition.wait(timeout)),
    waitAsync: async (options, inLine) => {
      await condition.acquireAsync()
      const wait = condition.waitAsync(options)
      inLine()
      try {
        return await wait
      } finally {
        releaseUnlessClosed(condition)
      }
    },
    wake: notify,
  }
}

/** Its own lock is closed with it, one that it was given is not. */
function releaseUnlessClosed(condition: Condition): void {
  try {
    condition.release()
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_CLOSED') throw error
  }
}

function ofSemaphore(semaphore: Semaphore): Form {
  return {
    wait: (timeout) => semaphore.acquire(timeout),
    waitAsync: (options, inLine) => {
      const wait = semaphore.acquireAsync(options)
      inLine()
      return wait
    },
    wake: async (count) => {
      semaphore.release(count)
      return undefined
    },
    wakeOne: async () => semaphore.release(),
  }
}

function ofValue(value: RawValue<'c_int32'>): Form {
  return {
    wait: (timeout) => woken(value.wait(0, timeout)),
    waitAsync: async (options, inLine) => {
      const wait = value.waitAsync(0, options)
      inLine()
      return woken(await wait)
    },
    wake: async (count) => value.notify(count),
  }
}

function ofArray(array: RawArray<'c_int32'>): Form {
  return {
    wait: (timeout) => woken(array.wait(INDEX, 0, timeout)),
    waitAsync: async (options, inLine) => {
      const wait = array.waitAsync(INDEX, 0, options)
      inLine()
      return woken(await wait)
    },
    wake: async (count) => array.notify(INDEX, count),
  }
}

/** Of two parties: the second that comes wakes the first. */
function ofBarrier(barrier: Barrier): Form {
  const wake = async () => {
    await untilBusily(() => barrier.nWaiting === 1)
    barrier.wait()
    return undefined
  }
  return {
    wait: (timeout) => barrier.wait(timeout) >= 0,
    waitAsync: async (options, inLine) => {
      const wait = barrier.waitAsync(options)
      inLine()
      return (await wait) >= 0
    },
    wake,
  }
}

type Openable = (Event | Condition | Semaphore | Barrier | RawValue<'c_int32'> | RawArray<'c_int32'>) & { close(): void }

function formOf(object: Openable): Form {
  if ('isSet' in object) return ofEvent(object)
  if ('notifyAll' in object) return ofCondition(object)
  if ('withPermit' in object) return ofSemaphore(object)
  if ('nWaiting' in object) return ofBarrier(object)
  return 'length' in object ? ofArray(object) : ofValue(object)
}

export function waitableOf(object: Openable): Waitable {
  const form = formOf(object)
  let pending = 0
  return {
    wait: (timeout) => form.wait(timeout),
    waitAsync: async (options) => {
      let inLine = false
      try {
        return await form.waitAsync(options, () => {
          inLine = true
          pending++
        })
      } finally {
        if (inLine) pending--
      }
    },
    get pending() {
      return pending
    },
    wake: (count) => form.wake(count),
    wakeOne: async () => {
      if (form.wakeOne !== undefined) return form.wakeOne()
      while ((await form.wake(1)) === 0) await new Promise((resolve) => setImmediate(resolve))
    },
    close: () => object.close(),
  }
}

export function openWaitable(handle: Handle): Waitable {
  return waitableOf(attach<Openable>(handle))
}
