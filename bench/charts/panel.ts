/** One small diagram: a line for each peer, named where it ends, and thin bars from the least to the most of all rounds. */
import { type Axis, placeOn, pointAxis, valueAxis } from './axis.js'
import type { Curve, Series, Spot } from './curves.js'
import { nameOf, wrapped } from './names.js'
import type { Part } from './spec.js'
import { colourOf, FONT_SIZE, OURS, peerOf, type Theme, textWidth } from './theme.js'

/** What is varied along a curve. */
export interface Varied {
  readonly title: string
  readonly name: (x: number) => string
  /** Where a point stands on the logarithmic axis, if not at itself. */
  readonly place?: (x: number) => number
}

export interface Panel {
  readonly title: string
  /** What is measured, and whether more or less of it is better. */
  readonly subtitle: string
  readonly curve: Curve
  readonly x: Varied
  /** Of the diagram itself. */
  readonly width: number
  readonly height: number
  /** For the names at its right. */
  readonly room: number
}

/** For the texts of the axis at the left of each diagram. */
export const LEFT = 62
/** From a diagram to the names at its right. */
const NAME_OFFSET = 16
const LINE_HEIGHT = FONT_SIZE + 2

interface EndName {
  readonly series: Series
  readonly lines: readonly string[]
  /** Where its line ends. */
  readonly end: { readonly x: number; readonly y: number }
}

/** Moves names apart that would cover each other, as little as it takes; gives where the middle of each is. */
function spread(names: readonly EndName[], height: number): Map<EndName, number> {
  const sorted = [...names].sort((a, b) => a.end.y - b.end.y)
  const half = ({ lines }: EndName) => (lines.length * LINE_HEIGHT) / 2
  const places = sorted.map(({ end }) => end.y)
  const place = (i: number) => places[i] as number
  const name = (i: number) => sorted[i] as EndName
  // Down, as far as those above need; then up again, where that went too far.
  for (let i = 1; i < places.length; i++) places[i] = Math.max(place(i), place(i - 1) + half(name(i - 1)) + half(name(i)))
  let limit = height + LINE_HEIGHT
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(place(i), limit - half(name(i)))
    limit = place(i) - half(name(i))
  }
  return new Map(sorted.map((each, i) => [each, place(i)]))
}

const fixed = (field: string) => ({ field, type: 'quantitative', scale: null, axis: null })

interface Place {
  readonly x: number
  /** Of its middle. */
  readonly y: number
  readonly align: 'left' | 'right'
}

function nameLayer({ series: { who }, lines, end }: EndName, { x, y, align }: Place, theme: Theme): Part[] {
  const colour = colourOf(who, theme)
  const text = {
    type: 'text',
    text: lines,
    align,
    baseline: 'middle',
    lineHeight: LINE_HEIGHT,
    fontWeight: who === OURS ? 'bold' : 'normal',
    x,
    y: y - ((lines.length - 1) * LINE_HEIGHT) / 2,
  }
  const data = { values: [{ x: end.x + 5, y: end.y, nameX: x - 3, nameY: y }] }
  const hair = {
    data,
    mark: { type: 'rule', color: colour, strokeWidth: 0.75, opacity: 0.6 },
    encoding: { x: fixed('x'), y: fixed('y'), x2: { field: 'nameX' }, y2: { field: 'nameY' } },
  }
  const ground = { color: theme.background, stroke: theme.background, strokeWidth: 4, strokeJoin: 'round', opacity: 0.75 }
  return [...(align === 'left' ? [hair] : []), { data, mark: { ...text, ...ground } }, { data, mark: { ...text, color: colour } }]
}

/** Of a line that ends early: behind its end, or above it where that would reach over the diagram's end, and over other names. */
function placeInside({ lines, end }: EndName, y: number, width: number): Place {
  const behind = end.x + NAME_OFFSET
  const longest = Math.max(...lines.map((each) => textWidth(each, FONT_SIZE, true)))
  return behind + longest < width
    ? { x: behind, y, align: 'left' }
    : { x: end.x, y: y - (LINE_HEIGHT * (lines.length + 1)) / 2, align: 'right' }
}

/** Names to the right of the diagram, and hairlines to them from where the lines end. */
function nameLayers({ series: all, width, height, room, x: across, y: up, theme }: Drawing): Part[] {
  const names = all.map((series): EndName => {
    const last = series.spots.at(-1) as Spot
    const end = { x: placeOn(across, last.x, width), y: height - placeOn(up, last.value, height) }
    return { series, lines: wrapped(nameOf(series, all), room - NAME_OFFSET), end }
  })
  const early = names.filter(({ end }) => end.x < width)
  const inside = [...spread(early, height)].map(([each, y]) => [each, placeInside(each, y, width)] as const)
  const late = names.filter((each) => !early.includes(each))
  const outside = [...spread(late, height)].map(([each, y]) => [each, { x: width + NAME_OFFSET, y, align: 'left' }] as const)
  return [...inside, ...outside].flatMap(([each, place]) => nameLayer(each, place, theme))
}

/** The second, third… line of the same peer is dashed. */
const DASHES = [[], [6, 3], [2, 2.5], [8, 3, 2, 3], [12, 3], [1, 4]]

function lineLayers(series: Series, { series: all, theme }: Drawing, axes: { x: Part; y: Part }): Part[] {
  const { who, spots } = series
  const colour = colourOf(who, theme)
  const dash = DASHES[all.filter((each) => each.who === who).indexOf(series) % DASHES.length] as number[]
  const ours = who === OURS
  const data = { values: spots }
  return [
    {
      data,
      mark: { type: 'rule', color: colour, strokeWidth: 1, opacity: 0.55 },
      encoding: { x: axes.x, y: { ...axes.y, field: 'low' }, y2: { field: 'high' } },
    },
    {
      data,
      mark: { type: 'line', color: colour, strokeWidth: ours ? 3 : 1.5, ...(dash.length > 0 && { strokeDash: dash }) },
      encoding: axes,
    },
    {
      data,
      mark: { type: 'point', shape: peerOf(who).shape, filled: true, opacity: 1, color: colour, size: ours ? 60 : 34 },
      encoding: axes,
    },
  ]
}

interface Drawing {
  readonly series: readonly Series[]
  readonly width: number
  readonly height: number
  readonly room: number
  readonly x: Axis
  readonly y: Axis
  readonly theme: Theme
}

/** Vega's own texts for logarithmic axes leave gaps and know no units. */
function axisPart({ type, domain, ticks }: Axis, more: Part): Part {
  const texts = Object.fromEntries(ticks.map(({ at, text }) => [String(at), text]))
  return {
    type: 'quantitative',
    scale: { type, domain, nice: false },
    axis: {
      values: ticks.map(({ at }) => at),
      labelExpr: `(${JSON.stringify(texts)})[toString(datum.value)]`,
      labelOverlap: false,
      labelFlush: false,
      ...more,
    },
  }
}

const NOWHERE_ELSE = (x: number) => x

/** With points at their places on the axis; ours last, which is drawn over the others. */
function placed({ series }: Curve, { place = NOWHERE_ELSE }: Varied): Series[] {
  const all = series.map((each) => ({ ...each, spots: each.spots.map((spot) => ({ ...spot, x: place(spot.x) })) }))
  return all.sort((a, b) => Number(a.who === OURS) - Number(b.who === OURS))
}

function axesOf({ series, quantity }: Curve, { place = NOWHERE_ELSE, name }: Varied, width: number): { x: Axis; y: Axis } {
  const spots = series.flatMap((each) => each.spots)
  const x = pointAxis(new Map(spots.map((spot) => [place(spot.x), name(spot.x)])), width)
  const ends = spots.flatMap(({ low, high }) => [low, high])
  return { x, y: valueAxis(ends, quantity) }
}

/** As marks: Vega would place titles by the axes' texts, in each diagram of a row at another height. */
function titleLayers(title: string, subtitle: string, theme: Theme): Part[] {
  const text = (words: string, y: number, more: Part): Part => ({
    data: { values: [{}] },
    mark: { type: 'text', text: words, align: 'left', x: -LEFT, y, ...more },
  })
  return [text(title, -32, { fontSize: 14, fontWeight: 'bold' }), text(subtitle, -14, { color: theme.quiet })]
}

export function panel({ title, subtitle, curve, x, width, height, room }: Panel, theme: Theme): Part {
  const drawing: Drawing = { series: placed(curve, x), width, height, room, theme, ...axesOf(curve, x, width) }
  const axes = {
    x: { field: 'x', ...axisPart(drawing.x, { title: x.title, grid: false, titlePadding: 8 }) },
    y: { field: 'value', ...axisPart(drawing.y, { title: null, grid: true, minExtent: LEFT, maxExtent: LEFT }) },
  }
  return {
    width,
    height,
    layer: [
      ...titleLayers(title, subtitle, theme),
      ...drawing.series.flatMap((each) => lineLayers(each, drawing, axes)),
      ...nameLayers(drawing),
    ],
  }
}
