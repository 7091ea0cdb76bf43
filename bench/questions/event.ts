/** What does it cost to look at an Event, and to set it, when nobody waits for it? */
import { Event } from '../../lib/index.js'
import { expectExact, measure } from '../measure.js'
import { type Comparison, line, type Question, type Trials } from '../question.js'
import { cTrial, nodeTrial, pythonTrial, some } from '../trials.js'

export const trials = {
  is_set(n) {
    const event = Event()
    event.set()
    return measure(n, (count) => {
      let seen = 0
      for (let i = 0; i < count; i++) if (event.isSet) seen++
      expectExact('seen set', seen, count)
      return seen
    })
  },
  set_clear(n) {
    const event = Event()
    return measure(n, (count) => {
      for (let i = 0; i < count; i++) {
        event.set()
        event.clear()
      }
      expectExact('set at the end', Number(event.isSet), 0)
      return count
    })
  },
} satisfies Trials

const comparison = (name: 'is_set' | 'set_clear', what: string, limit: string): Comparison => ({
  what,
  unit: 'ns',
  lines: [
    line('ours', nodeTrial(import.meta.url, name, some(2_000_000))),
    line(`C, ${limit}`, cTrial('event.c', name, some(2_000_000))),
    line('CPython, multiprocessing.Event', pythonTrial('event.py', name, some(200_000)), { timesFaster: 10 }),
  ],
})

export const question: Question = {
  name: 'event',
  title: 'Event that nobody waits for',
  comparisons: [
    comparison('is_set', 'event.isSet', 'atomic load'),
    // In pairs, since to set what is set may be less work.
    comparison('set_clear', 'event.set(); event.clear(), for both', 'two atomic stores'),
  ],
}
