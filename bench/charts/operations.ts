/** Which comparisons with CPython the chart of ratios shows, of the hundreds that a run makes, and what it calls them. */

export interface Operation {
  readonly name: string
  /** Where its figures are: a question, and the first of its comparisons whose `what` matches. */
  readonly question: string
  readonly what: RegExp
  /** Of our lines, and of CPython's, where the first one is not meant. */
  readonly ours?: RegExp
  readonly cpython?: RegExp
}

export const OPERATIONS: readonly Operation[] = [
  { name: 'Lock: acquire, release', question: 'lock', what: /acquire/ },
  { name: 'Semaphore: acquire, release', question: 'semaphore', what: /acquire/ },
  { name: 'Value: v.value, a double (theirs: locked)', question: 'value-read', what: /^c_double, read/ },
  { name: 'Value: add 1 under its lock', question: 'increments', what: /withLock/ },
  { name: 'Value: add 1 atomically (theirs: locked)', question: 'increments', what: /\.add\(1\)/ },
  { name: 'Two processes: 1,000,000 locked increments each', question: 'contended-lock', what: /withLock/ },
  { name: 'RawArray: a[i] of doubles', question: 'element-access', what: /^c_double, read/, cpython: /RawArray/ },
  { name: 'Event: set, clear', question: 'event', what: /set\(\)/ },
  { name: 'Wake, be woken: Semaphores, 2 CPUs (spinning)', question: 'wake-up', what: /Semaphores, each on/ },
  { name: 'Wake, be woken: Conditions, 2 CPUs (spinning)', question: 'wake-up', what: /Condition.*, each on/ },
  { name: 'Wake, be woken: Semaphores, 1 CPU', question: 'wake-up', what: /Semaphores, both on one/ },
  { name: 'Barrier: a round of 4 processes', question: 'barrier', what: /wait/ },
  { name: 'Make a Value with its lock', question: 'creation', what: /^Value/ },
  { name: 'Make, close, unlink a SharedMemory', question: 'shared-memory', what: /^create/ },
  { name: 'Open a SharedMemory by name, close it', question: 'shared-memory', what: /^attach/ },
  { name: 'Copy 256 MiB into a SharedMemory', question: 'copy-in', what: /^pages present/ },
  { name: 'ShareableList: get an int, 1,000,000 items', question: 'shareable-list', what: /^get an int, 1,000,000/ },
  { name: 'ShareableList: set a string, 1,000,000 items', question: 'shareable-list', what: /^set a short string, 1,000,000/ },
  { name: 'ShareableList: make it of 1,000,000 ints', question: 'shareable-list-build', what: /^of ints, from an Array/ },
  { name: 'Double 99,999 ints of an Array, 2 processes', question: 'doubling', what: /^99,999 .* Array/, cpython: /^CPython, Array/ },
  { name: 'Square roots in place, 2 workers', question: 'parallel-sqrt', what: /^2 workers/ },
  {
    name: 'Copy 1 GB of doubles for another process',
    question: 'one-gigabyte',
    what: /^until/,
    ours: /copied into/,
    cpython: /^CPython, copied into/,
  },
  { name: 'Start a process with an Array of 1 GiB', question: 'start-with-array', what: /^with an Array/ },
]
