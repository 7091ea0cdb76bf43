/** What lines are called at their ends, where there is little room. */
import type { Series } from './curves.js'
import { FONT_SIZE, OURS, textWidth } from './theme.js'

/** What labels say too, and names need not. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/^Node, /, ''],
  [/^ours\b/, OURS],
  [/^worker threads, mutex of Atomics\.wait and notify/, 'mutex of Atomics.wait'],
  [/ of 8 bytes, a lock by Atomics$/, ''],
  [/ serialization$/, ''],
  [/, (half as many|an? \w+ of them)$/, ''],
]

/** Words in as few lines as fit. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = [...lines.slice(-1), word].join(' ')
    if (lines.length > 0 && textWidth(longer, FONT_SIZE, true) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** The peer's name where it has one line only; what tells its lines apart where it has more. */
export function nameOf({ label, who }: Series, all: readonly Series[]): string {
  const others = all.filter((each) => each.who === who && each.label !== label)
  if (others.length === 0 && who !== 'Node') return who
  return SHORTER.reduce((name, [long, short]) => name.replace(long, short), label)
}
