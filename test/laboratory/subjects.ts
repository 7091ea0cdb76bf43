/** All primitives of the laboratory, by the names that the table has for them. Loaded one by one: a party needs one. */
import type { Subject } from './subject.js'

const modules = {
  Lock: async () => (await import('./subjects/lock.js')).lock,
  RLock: async () => (await import('./subjects/lock.js')).rlock,
  Value: async () => (await import('./subjects/counters.js')).value,
  Array: async () => (await import('./subjects/counters.js')).array,
  Semaphore: async () => (await import('./subjects/semaphore.js')).semaphore,
  BoundedSemaphore: async () => (await import('./subjects/semaphore.js')).boundedSemaphore,
  Condition: async () => (await import('./subjects/condition.js')).condition,
  Event: async () => (await import('./subjects/event.js')).event,
  'Barrier of 2': async () => (await import('./subjects/barrier.js')).barrier2,
  'Barrier of 3': async () => (await import('./subjects/barrier.js')).barrier3,
  RWLock: async () => (await import('./subjects/rwlock.js')).rwlock,
  'Value.wait': async () => (await import('./subjects/word-wait.js')).wordWait,
  'named objects': async () => (await import('./subjects/named.js')).named,
  arena: async () => (await import('./subjects/arena.js')).arena,
  SharedMemory: async () => (await import('./subjects/blocks.js')).blocks,
  ShareableList: async () => (await import('./subjects/list.js')).list,
  SharedMemoryManager: async () => (await import('./subjects/manager.js')).manager,
} satisfies Record<string, () => Promise<Subject>>

export const primitives: readonly string[] = Object.keys(modules)

export function loadSubject(primitive: string): Promise<Subject> {
  return modules[primitive as keyof typeof modules]()
}
