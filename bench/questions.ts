/** All questions, in the order in which they are asked. */
import type { Question } from './question.js'
import { question as barrier } from './questions/barrier.js'

import { question as contendedLock } from './questions/contended-lock.js'
import { question as copyIn } from './questions/copy-in.js'
import { question as creation } from './questions/creation.js'
import { question as doubling } from './questions/doubling.js'
import { question as elementAccess } from './questions/element-access.js'
import { question as event } from './questions/event.js'
import { question as growthArrays } from './questions/growth-arrays.js'
import { question as growthObjects } from './questions/growth-objects.js'
import { question as growthProcesses } from './questions/growth-processes.js'
import { question as handOver } from './questions/hand-over.js'
import { question as increments } from './questions/increments.js'
import { question as lock } from './questions/lock.js'
import { question as manager } from './questions/manager.js'
import { question as oneGigabyte } from './questions/one-gigabyte.js'
import { question as parallelSqrt } from './questions/parallel-sqrt.js'
import { question as pending } from './questions/pending.js'
import { question as queueOrValue } from './questions/queue-or-value.js'
import { question as roundTrip } from './questions/round-trip.js'
import { question as rwlock } from './questions/rwlock.js'
import { question as semaphore } from './questions/semaphore.js'
import { question as shareableList } from './questions/shareable-list.js'
import { question as shareableListBuild } from './questions/shareable-list-build.js'
import { question as sharedMemory } from './questions/shared-memory.js'
import { question as startWithArray } from './questions/start-with-array.js'
import { question as valueRead } from './questions/value-read.js'
import { question as wakeUp } from './questions/wake-up.js'

export const questions: readonly Question[] = [
  lock,
  semaphore,
  rwlock,
  event,
  increments,
  valueRead,
  elementAccess,
  creation,
  contendedLock,
  manager,
  handOver,
  startWithArray,
  queueOrValue,
  oneGigabyte,
  parallelSqrt,
  roundTrip,
  wakeUp,
  barrier,
  pending,
  sharedMemory,
  copyIn,
  shareableList,
  shareableListBuild,
  doubling,
  growthObjects,
  growthProcesses,
  growthArrays,
]
