/** Faults that are put into a copy of the project on purpose, each a place where a crash matters, and who has to find them. */

export interface DeliberateFault {
  readonly name: string
  readonly file: string
  /** Stands there exactly once. */
  readonly find: string
  readonly replace: string
  /** Primitives whose programs find it. */
  readonly primitives: readonly string[]
}

export const faults: readonly DeliberateFault[] = [
  {
    name: 'skip pthread_mutex_consistent: a lock of the user',
    file: 'native/binding/locks.cc',
    find: '      pthread_mutex_consistent(&lock->mutex);\n',
    replace: '',
    primitives: ['Lock', 'Value'],
  },
  {
    name: 'skip pthread_mutex_consistent: the parking lot',
    file: 'native/core/parking.cc',
    find: '  pthread_mutex_consistent(mutex_);\n',
    replace: '',
    primitives: ['Value.wait', 'Barrier of 2'],
  },
  {
    name: 'skip pthread_mutex_consistent: slots and arena',
    file: 'native/core/mutex.cc',
    find: 'if (error == EOWNERDEAD) pthread_mutex_consistent(mutex);',
    replace: 'if (error == EOWNERDEAD) return;',
    primitives: ['arena', 'named objects'],
  },
  {
    name: 'drop a notify: it is counted and not granted',
    file: 'native/core/parking.cc',
    find: '    grant(first, some, wakes);\n',
    replace: '',
    primitives: ['Value.wait', 'Condition'],
  },
  {
    name: 'drop a wake-up: granted, and nobody is woken',
    file: 'native/core/parking.cc',
    find: 'futex_wake(words_[i], INT_MAX);',
    replace: '(void)words_[i];',
    primitives: ['Value.wait', 'Event'],
  },
  {
    name: 'a broadcast that is not written down first',
    file: 'native/core/parking.cc',
    find: '  lot->unfinished_key.store(key.key);  // from here on it will be done, whoever dies\n',
    replace: '',
    primitives: ['Barrier of 3'],
  },
  {
    name: 'swap a release and a store: the grant before what it means',
    file: 'native/core/parking.cc',
    find: '    record->outcome.store(outcome);\n    grant(record, count - granted, wakes);\n',
    replace: '    grant(record, count - granted, wakes);\n    record->outcome.store(outcome);\n',
    primitives: ['Barrier of 2', 'Barrier of 3'],
  },
  {
    name: 'swap a release and a store: the unlock before the owner is cleared',
    file: 'native/binding/locks.cc',
    find: '  lock->owner.store(owner, std::memory_order_relaxed);\n  const int error = pthread_mutex_unlock(&lock->mutex);\n',
    replace: '  const int error = pthread_mutex_unlock(&lock->mutex);\n  lock->owner.store(owner, std::memory_order_relaxed);\n',
    primitives: ['Lock', 'RLock'],
  },
  {
    name: 'swap a release and a store: the name before the contents',
    file: 'dist/lib/memory/create.js',
    find: '        initialise(block);\n        systemCall(() => native.publish(block.segment.number, fileOf(name, spec)));\n',
    replace: '        systemCall(() => native.publish(block.segment.number, fileOf(name, spec)));\n        initialise(block);\n',
    primitives: ['named objects'],
  },
  {
    name: "forget a dead process's permits",
    file: 'native/core/semaphore.cc',
    find: '[&](uint32_t slot) { semaphore_give_back(semaphore, slot); }',
    replace: '[](uint32_t) {}',
    primitives: ['Semaphore', 'BoundedSemaphore'],
  },
  {
    name: 'enter a change of the ledger twice',
    file: 'native/core/ledger.cc',
    find: 'if (static_cast<uint32_t>(entry >> 32) != Fields::era(*w)) {',
    replace: '{',
    primitives: ['Semaphore', 'BoundedSemaphore', 'RWLock'],
  },
  {
    name: 'forget that a dead process reads',
    file: 'native/core/rwlock.cc',
    find: '[&](uint32_t slot) { rwlock_give_back(lock, slot); }',
    replace: '[](uint32_t) {}',
    primitives: ['RWLock'],
  },
  {
    name: 'take the dead for living',
    file: 'native/core/slots.cc',
    find: '    if (!slot_alive(segment_, slot)) dead_ |= bit;\n',
    replace: '',
    primitives: ['Value.wait', 'Condition', 'Barrier of 2'],
  },
  {
    name: 'use a place anew that others have open',
    file: 'native/core/arena.cc',
    find: '  if (descriptor->users.load() == 0) {\n    free_block(segment, number, block);',
    replace: '  if (descriptor->users.load() != ~uint64_t{0}) {\n    free_block(segment, number, block);',
    primitives: ['arena'],
  },
  {
    name: 'remove blocks without asking whether they are in use',
    file: 'native/core/orphans.cc',
    find: 'if (!take_lease(fd)) note(out, "fcntl", name);\n  else if (is_called',
    replace: 'take_lease(fd);\n  if (is_called',
    primitives: ['SharedMemory'],
  },
]
