/** What the demo shows its progress with: redrawn in place on a terminal, plain lines elsewhere. No example itself. */
import { clearScreenDown, moveCursor } from 'node:readline'
import { styleText } from 'node:util'

const { stdout } = process
const WIDTH = 30

export function paint(style: Parameters<typeof styleText>[0], text: string): string {
  // hasColors minds NO_COLOR; styleText itself, in Node 20, minds nothing.
  return stdout.isTTY && stdout.hasColors() ? styleText(style, text) : text
}

export function bar(done: number, of: number): string {
  const full = Math.floor((done / of) * WIDTH)
  return paint('cyan', '█'.repeat(full)) + paint('gray', '░'.repeat(WIDTH - full))
}

export function print(line = ''): void {
  stdout.write(line === '' ? '\n' : `   ${line}\n`)
}

export interface View {
  /** For a terminal. */
  rows(): string[]
  /** For anything else. */
  line(): string
}

/** Shows a view for as long as `work` goes on, and once more at its end. */
export async function watch<T>(work: Promise<T>, view: View): Promise<T> {
  let drawn = 0
  const redraw = () => {
    if (drawn > 0) moveCursor(stdout, 0, -drawn)
    clearScreenDown(stdout)
    const rows = view.rows()
    for (const row of rows) print(row)
    drawn = rows.length
  }
  const draw = stdout.isTTY ? redraw : () => print(view.line())
  const timer = setInterval(draw, stdout.isTTY ? 50 : 500)
  try {
    return await work
  } finally {
    clearInterval(timer)
    draw()
  }
}
