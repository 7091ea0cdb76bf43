/** From a specification in Vega-Lite to the text of an SVG, without a browser. */
import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { configOf, FONT, type Theme, textWidth, WIDTH } from './theme.js'

/** A part of a specification. Vega-Lite checks it when it compiles; its types, unions of hundreds, would check less and explain nothing. */
export type Part = Readonly<Record<string, unknown>>

/** Warnings are mistakes too. */
function throwing(): vega.LoggerInterface {
  const fail = (...args: readonly unknown[]): never => {
    throw new Error(`Vega: ${args.join(' ')}`)
  }
  const logger: vega.LoggerInterface = { level: () => logger as never, error: fail, warn: fail, info: () => logger, debug: () => logger }
  return logger
}

/** Not in Vega's types, though meant to be replaced. */
const { textMetrics } = vega as unknown as {
  textMetrics: { width(item: { readonly fontSize: number; readonly fontWeight?: string }, text: unknown): number }
}
textMetrics.width = (item, text) => textWidth(String(text), item.fontSize, item.fontWeight === 'bold')

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** What Vega says of each mark again: roles that contradict the whole picture's, and its one font. A hundredth of a pixel is enough. */
function shortened(svg: string): string {
  return svg
    .replaceAll(/ (aria-[a-z]+|role|pointer-events|font-family|opacity)="([^"]*)"/g, (all, name, value) =>
      name === 'opacity' && value !== '1' ? all : '',
    )
    .replaceAll(/class="(mark-[a-z]+|background) ?[^"]*"/g, 'class="$1"')
    .replaceAll(/="[^"]*"/g, (attribute) => attribute.replaceAll(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))))
}

/** How wide an axis gets depends on its figures. So much too wide is made smaller, and nobody sees it. */
const MOST_SHRUNK = 1.04

/** All pictures are as wide as each other, or GitHub would scale them, and their texts, each in its own way. */
function framed(svg: string, title: string, description: string): string {
  const [, width, height] = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? []
  if (Number(width) > WIDTH * MOST_SHRUNK) throw new Error(`the chart '${title}' is ${width} wide: it must fit ${WIDTH}`)
  const drawn = Math.max(WIDTH, Number(width))
  const body = svg.slice(svg.indexOf('>') + 1).replace(/^<rect width="[\d.]+"/, `<rect width="${drawn}"`)
  const size = `width="${WIDTH}" height="${Math.ceil((Number(height) * WIDTH) / drawn)}" viewBox="0 0 ${drawn} ${height}"`
  const about = `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>`
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="${FONT}" ${size}>${about}${body}\n`
}

export interface Picture {
  readonly title: string
  /** Below the title: what is shown, and what it was measured on. */
  readonly subtitle: readonly string[]
  readonly body: Part
}

/** @throws if Vega-Lite has anything to say against it, or if it is too wide for a README */
export async function draw({ title, subtitle, body }: Picture, theme: Theme): Promise<string> {
  const spec = { ...body, title: { text: title, subtitle, fontSize: 18, offset: 22, frame: 'bounds' }, config: configOf(theme) }
  const compiled = compile(spec as unknown as TopLevelSpec, { logger: throwing() as never }).spec
  const svg = await new vega.View(vega.parse(compiled), { renderer: 'none', logger: throwing() }).toSVG()
  return framed(shortened(svg), title, subtitle.join(' '))
}
