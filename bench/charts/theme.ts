/** Colours, sizes and fonts of all charts. Whose line it is can be told by its colour, which is the same everywhere, and by its shape. */

export type ThemeName = 'light' | 'dark'
type Colours = Readonly<Record<ThemeName, string>>

export interface Theme {
  readonly name: ThemeName
  /** GitHub's own, and filled in: a picture that is opened alone is as readable. */
  readonly background: string
  readonly text: string
  readonly quiet: string
  readonly grid: string
}

export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  light: { name: 'light', background: '#ffffff', text: '#1f2328', quiet: '#57606a', grid: '#e4e8ec' },
  dark: { name: 'dark', background: '#0d1117', text: '#f0f6fc', quiet: '#9aa4af', grid: '#252b33' },
}

export interface Peer {
  readonly colours: Colours
  readonly shape: string
}

export const OURS = 'sharedctypes'
export const CPYTHON = 'CPython'

/** By `who` of a trial. Each colour can be read as text on its background, and tells from the others also without red or green. */
export const PEERS: Readonly<Record<string, Peer>> = {
  [OURS]: { colours: { light: '#0550ae', dark: '#6cb6ff' }, shape: 'circle' },
  [CPYTHON]: { colours: { light: '#a84300', dark: '#f0a04b' }, shape: 'square' },
  C: { colours: { light: '#57606a', dark: '#9aa4af' }, shape: 'triangle-up' },
  Node: { colours: { light: '#13773a', dark: '#56d364' }, shape: 'diamond' },
  lmdb: { colours: { light: '#7a3fd1', dark: '#c297ff' }, shape: 'triangle-down' },
  redis: { colours: { light: '#c3202b', dark: '#ff8a80' }, shape: 'cross' },
  'os-lock': { colours: { light: '#b0307d', dark: '#f58ac2' }, shape: 'triangle-right' },
  'proper-lockfile': { colours: { light: '#74573a', dark: '#cbab86' }, shape: 'triangle-left' },
  'shm-typed-array': { colours: { light: '#0b7285', dark: '#4fd1d9' }, shape: 'square' },
  'shared-memory-disruptor': { colours: { light: '#666b00', dark: '#c0c954' }, shape: 'diamond' },
}

/** Those that have no colour yet look like what comes with Node. */
export const peerOf = (who: string): Peer => PEERS[who] ?? (PEERS.Node as Peer)
export const colourOf = (who: string, theme: Theme): string => peerOf(who).colours[theme.name]

/** As wide as GitHub shows a README. */
export const WIDTH = 840
export const MARGIN = 20

export const FONT_SIZE = 12
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"

/** What a character is wide, as a share of the size of the font: DejaVu Sans', than which hardly any system's font is wider. */
function widthOf(character: string): number {
  if (/[ijl.,:;'|!()[\]/ftI]/.test(character)) return 0.39
  if (character === ' ') return 0.32
  if (/[mwMW@%×…→]/.test(character)) return 0.95
  return /[A-Z0-9+=<>≥≤~_]/.test(character) ? 0.68 : 0.62
}

/** Vega can't measure text without a browser, and would guess too much. */
export function textWidth(text: string, size = FONT_SIZE, bold = false): number {
  return [...text].reduce((sum, each) => sum + widthOf(each), 0) * size * (bold ? 1.1 : 1)
}

/** Vega-Lite's configuration. */
export function configOf(theme: Theme): Readonly<Record<string, unknown>> {
  const text = { font: FONT, fontSize: FONT_SIZE }
  return {
    background: theme.background,
    padding: MARGIN,
    font: FONT,
    // Screen readers get a title and a description of the whole instead of each mark's coordinates.
    aria: false,
    view: { stroke: null },
    title: {
      anchor: 'start',
      color: theme.text,
      fontSize: 14,
      subtitleColor: theme.quiet,
      subtitleFontSize: FONT_SIZE,
      subtitleLineHeight: 16,
      subtitlePadding: 5,
    },
    text: { ...text, color: theme.text },
    axis: {
      labelColor: theme.quiet,
      labelFontSize: FONT_SIZE,
      labelLimit: 0,
      titleColor: theme.quiet,
      titleFontSize: FONT_SIZE,
      titleFontWeight: 'normal',
      titleLimit: 0,
      domain: false,
      ticks: false,
      gridColor: theme.grid,
      labelPadding: 6,
    },
  }
}
