/** What a campaign did and found, as a table. */
import type { Outcome } from './lane.js'
import type { Fault } from './subject.js'

const FAULTS: readonly Fault[] = ['hang', 'lost update', 'lost permit', 'leaked segment', 'broken rule']
const HEADINGS = [
  'primitive',
  'role killed',
  'kills',
  'in native code',
  'stopped',
  'hangs',
  'lost updates',
  'lost permits',
  'leaked segments',
  'rules broken',
]
/** How many of the functions that blows fell into are told. */
const MOST_PLACES = 400

interface Row {
  kills: number
  inside: number
  stopped: number
  readonly faults: Record<Fault, number>
}

const newRow = (): Row => ({
  kills: 0,
  inside: 0,
  stopped: 0,
  faults: { hang: 0, 'lost update': 0, 'lost permit': 0, 'leaked segment': 0, 'broken rule': 0 },
})

const LEGEND = `
A row is what a process was doing when it was struck; elsewhere: none of that. In native code: so many of them within the addon, at those of its functions.
Stopped: stood still for a while, and went on. Rules broken: all else that must not be. docs/CRASHES.md tells more.`

export class Table {
  kills = 0
  programs = 0
  /** Why no blow fell inside native code. */
  without: string | undefined
  readonly #rows = new Map<string, Map<string, Row>>()
  /** Where blows fell, by function. */
  readonly places = new Map<string, number>()
  #asleep = 0
  /** Blows inside native code. */
  inside = 0

  #row(primitive: string, role: string): Row {
    const rows = this.#rows.get(primitive) ?? new Map<string, Row>()
    this.#rows.set(primitive, rows)
    const row = rows.get(role) ?? newRow()
    rows.set(role, row)
    return row
  }

  add(primitive: string, { struck, others, finding, without }: Outcome): void {
    this.programs++
    this.without = without ?? this.without
    for (const { row: role, killed, stand } of struck) {
      const row = this.#row(primitive, role)
      if (killed) row.kills++
      else row.stopped++
      if (killed) this.kills++
      if (stand === undefined) continue
      row.inside++
      this.inside++
      if (stand.asleep) this.#asleep++
      this.places.set(stand.at, (this.places.get(stand.at) ?? 0) + 1)
    }
    for (const [role, kills] of Object.entries(others)) {
      this.#row(primitive, role).kills += kills
      this.kills += kills
    }
    // Laid to the last that was struck: what it left is what others met.
    if (finding !== undefined) this.#row(primitive, struck.at(-1)?.row ?? 'nobody yet').faults[finding.fault]++
  }

  #cells(): string[][] {
    const cells: string[][] = []
    const total = newRow()
    const line = (primitive: string, role: string, row: Row) =>
      cells.push([primitive, role, ...[row.kills, row.inside, row.stopped, ...FAULTS.map((fault) => row.faults[fault])].map(String)])
    for (const [primitive, rows] of [...this.#rows].sort(([a], [b]) => a.localeCompare(b))) {
      for (const [role, row] of [...rows].sort(([a], [b]) => a.localeCompare(b))) {
        line(primitive, role, row)
        total.kills += row.kills
        total.inside += row.inside
        total.stopped += row.stopped
        for (const fault of FAULTS) total.faults[fault] += row.faults[fault]
      }
    }
    line('all', '', total)
    return cells
  }

  #foot(): string {
    if (this.without !== undefined) return `No blow fell inside native code: ${this.without.trim()}`
    const places = [...this.places].sort(([, a], [, b]) => b - a)
    const told = places.slice(0, MOST_PLACES).map(([at, count]) => `${at} ${count}`)
    return `${this.inside} blows fell inside native code, ${this.#asleep} of them within a system call, in ${places.length} places: ${told.join(', ')}.`
  }

  toString(markdown = false): string {
    const lines = [HEADINGS, ...this.#cells()]
    const widths = HEADINGS.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
    const format = (line: readonly string[]) => line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
    const text = lines.map(format).map((line) => (markdown ? `| ${line.join(' | ')} |` : line.join('  ').trimEnd()))
    if (markdown) text.splice(1, 0, `|${widths.map((_, i) => (i < 2 ? '---' : '---:')).join('|')}|`)
    return `${text.join('\n')}\n\n${this.#foot()}${markdown ? '' : LEGEND}`
  }

  has(primitive: string): boolean {
    return this.#rows.has(primitive)
  }
}
