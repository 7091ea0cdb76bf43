/** The committed pictures and tables of the bench, and how they are drawn. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { machineLines } from '../../bench/charts/chart.js'
import { curveOf } from '../../bench/charts/curves.js'
import { charts, type Drawn, drawAll } from '../../bench/charts/index.js'
import { PEERS, THEMES, textWidth, WIDTH } from '../../bench/charts/theme.js'
import { markdown } from '../../bench/markdown.js'
import { readOptions } from '../../bench/options.js'
import { questions } from '../../bench/questions.js'
import type { Report } from '../../bench/report.js'
import { root } from '../fixtures/unit-helpers.js'

const folder = join(root, 'docs', 'bench')
const report = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Report
const committed = (name: string) => readFileSync(join(folder, name), 'utf8')
const themes = Object.values(THEMES)

const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
/** What stands between tags, as a reader sees it: lines of one text are one. */
const textsOf = (svg: string) =>
  [...svg.matchAll(/<(title|desc|text)\b[^>]*>(.*?)<\/\1>/g)].map(([, , text = '']) => unescaped(text.replace(/<[^>]+>/g, ' ').trim()))
const count = (svg: string, part: string) => svg.split(part).length - 1

/** Every tag closed in its turn, every attribute quoted and given once, every `<` and `&` part of a tag or an entity. */
function expectWellFormed(xml: string): void {
  const open: string[] = []
  const tag = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/y
  let at = 0
  while (at < xml.trimEnd().length) {
    const text = /[^<]*/y
    text.lastIndex = at
    const [between = ''] = text.exec(xml) ?? []
    expect(between.replace(/&(amp|lt|gt|quot);/g, ''), 'text').to.not.include('&')
    tag.lastIndex = at + between.length
    const found = tag.exec(xml)
    expect(found, xml.slice(tag.lastIndex, tag.lastIndex + 80)).to.not.equal(null)
    const [all, closing, name = '', attributes = '', alone] = found as RegExpExecArray
    const names = [...attributes.matchAll(/ ([\w:-]+)=/g)].map(([, each]) => each)
    expect(new Set(names).size, all).to.equal(names.length)
    if (closing === '/') expect(open.pop()).to.equal(name)
    else if (alone !== '/') open.push(name)
    at += between.length + all.length
  }
  expect(open).to.deep.equal([])
}

/** WCAG's contrast ratio of two colours: 4.5 is demanded of text. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    const [red = 0, green = 0, blue = 0] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

describe('charts', () => {
  let drawn: Drawn
  before(async () => {
    drawn = await drawAll(report)
  })

  it('the committed pictures and tables are those of the committed run', () => {
    const redraw = 'npm run bench -- --draw docs/bench/results.json'
    const names = readdirSync(folder).filter((name) => name.endsWith('.svg'))
    expect(names.sort(), redraw).to.deep.equal([...drawn.files.keys()].sort())
    for (const [name, svg] of drawn.files) expect(committed(name) === svg, `${name} is another: ${redraw}`).to.equal(true)
    expect(committed('results.md') === markdown(report), `results.md is another: ${redraw}`).to.equal(true)
  })

  // A quick run leaves out what takes long.
  const measured = charts.filter(({ content }) => content(report) !== undefined)
  it('a whole run has all of them', () => {
    const whole = report.iterations === 'full' ? charts : charts.filter(({ name }) => ['ratios', 'scaling', 'latency'].includes(name))
    expect(measured).to.include.members([...whole])
    if (report.iterations === 'full') expect(drawn.leftOut).to.deep.equal([])
  })

  for (const { name, title, panels = [] } of measured) {
    for (const theme of themes) {
      it(`${name}, ${theme.name}`, () => {
        const svg = drawn.files.get(`${name}-${theme.name}.svg`) as string
        expectWellFormed(svg)
        expect(svg).to.match(new RegExp(`^<svg [^>]*width="${WIDTH}"`))
        expect(svg).to.include(`fill="${theme.background}"`)
        const texts = textsOf(svg)
        expect(texts).to.include.members([title])
        for (const line of machineLines(report)) expect(texts.join('\n')).to.include(line)
        const sizes = [...svg.matchAll(/font-size="([\d.]+)px"/g)].map(([, size]) => Number(size))
        expect(Math.min(...sizes)).to.be.at.least(11)

        const curves = panels.map(({ curve, without }) => curveOf(report, curve, without))
        const lines = curves.flatMap((curve) => curve?.series ?? [])
        expect(count(svg, 'class="mark-line"')).to.equal(lines.length)
      })
    }
  }

  it('of ratios show those where CPython is faster', () => {
    const texts = textsOf(drawn.files.get('ratios-light.svg') as string)
    expect(texts).to.include('Semaphore: acquire, release')
    const ratios = texts.filter((each) => /^[\d.,]+ ×$/.test(each))
    expect(ratios.length).to.be.at.least(16)
  })

  it('a part of a run draws what it has, and says what is left out', async () => {
    const only = report.questions.filter(({ name }) => name === 'lock')
    const { files, leftOut } = await drawAll({ ...report, questions: only })
    expect([...files.keys()]).to.deep.equal(['ratios-light.svg', 'ratios-dark.svg'])
    expect(textsOf(files.get('ratios-dark.svg') as string)).to.include('Lock: acquire, release')
    expect(leftOut).to.include.members([
      "chart ratios: without 'Barrier: a round of 4 processes', which was not measured",
      'chart latency: nothing of it was measured',
    ])
  })

  it('points come in one quantity, in any of its units; nothing is not drawn', () => {
    const line = (sample: number) => ({ label: 'ours', who: 'sharedctypes', samples: [sample] })
    const comparison = (unit: string, x: number, sample: number) => ({ what: '', unit, point: { curve: 'c', x }, lines: [line(sample)] })
    const withCurve = (...comparisons: ReturnType<typeof comparison>[]) => ({
      ...report,
      questions: [{ name: 'q', title: '', comparisons, conclusions: [] }],
    })
    const curve = curveOf(withCurve(comparison('µs', 2, 7), comparison('ms', 1, 1), comparison('ns', 3, 0)), 'c')
    expect(curve?.quantity).to.equal('time')
    expect(curve?.series[0]?.spots.map(({ x, value }) => [x, value.toPrecision(3)])).to.deep.equal([
      [1, '0.00100'],
      [2, '0.00000700'],
    ])
    expect(() => curveOf(withCurve(comparison('µs', 1, 7), comparison('k/s', 2, 7)), 'c')).to.throw('curve c has both time and rate')
    expect(() => curveOf(withCurve(comparison('parsec', 1, 7)), 'c')).to.throw("'parsec'")
    expect(curveOf(report, 'no such curve')).to.equal(undefined)
  })

  it('are written after whole runs only, unless a folder is given', () => {
    const out = (...args: string[]) => readOptions(args, questions).out
    expect(out()).to.equal(folder)
    for (const part of [['--quick'], ['--rounds', '5'], ['--only', 'lock'], ['--only', '']]) {
      expect(out(...part), part.join(' ')).to.equal(undefined)
      expect(out(...part, '--out', 'there')).to.equal('there')
    }
    expect(out('--draw', 'some/results.json')).to.equal('some')
    expect(out('--draw', 'some/results.json', '--out', 'there')).to.equal('there')
    expect(() => out('--only', 'nothing at all')).to.throw("No question is called 'nothing at all'")
    expect(() => out('--rounds', '0')).to.throw('Expected --rounds to be an integer >= 1')
  })

  it('colours can be read on their background', () => {
    for (const theme of themes) {
      const peers = Object.values(PEERS).map(({ colours }) => colours[theme.name])
      expect(new Set(peers).size).to.equal(peers.length)
      for (const colour of [theme.text, theme.quiet, ...peers]) expect(contrast(colour, theme.background), colour).to.be.at.least(4.5)
    }
    expect(contrast('#000000', '#ffffff')).to.be.closeTo(21, 0.001)
  })

  it('texts are taken for wider where they are longer, larger or bold', () => {
    expect(textWidth('mm')).to.be.above(textWidth('ii'))
    expect(textWidth('mm', 24)).to.be.closeTo(2 * textWidth('mm', 12), 0.001)
    expect(textWidth('mm', 12, true)).to.be.above(textWidth('mm', 12))
  })

  it('results.md has every question, and the reason of each peer that is missing', () => {
    const text = markdown(report)
    for (const { name } of report.questions) expect(text).to.include(`\n## ${name}\n`)
    const all = report.questions.flatMap(({ comparisons }) => comparisons.flatMap(({ lines }) => lines))
    const missing = all.filter((line) => line.missing !== undefined)
    expect(missing.map(({ label }) => label)).to.include('posix-semaphore')
    const rows = text.split('\n').filter((row) => row.includes('| not here |'))
    expect(rows).to.have.length(missing.length)
    const plain = rows.map((row) => unescaped(row.replaceAll('\\', '')))
    for (const { label, missing: reason = '' } of missing) {
      expect(
        plain.some((row) => row.includes(`| ${label} |`) && row.includes(reason)),
        `${label}: ${reason}`,
      ).to.equal(true)
    }
  })
})
