/** A run as results.md: every figure of every question, and what to know before one believes them. */
import { othersText } from './load.js'
import { commitText, type Report, roundsText } from './report.js'
import type { QuestionResult } from './run.js'
import { cells, HEAD, summary } from './table.js'

const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*').replaceAll('_', '\\_')
const row = (texts: readonly string[]) => `| ${texts.map(escaped).join(' | ')} |`

function section({ name, title, comparisons, conclusions }: QuestionResult): string {
  const rows = comparisons.flatMap((each) => each.lines.map((line, i) => row([i === 0 ? each.what : '', ...cells(line, each)])))
  return [
    `## ${name}`,
    '',
    `${escaped(title)}.`,
    '',
    row(['', ...HEAD]),
    '|---|---|--:|--:|--:|---|---|',
    ...rows,
    ...(conclusions.length > 0 ? ['', ...conclusions.map((each) => `- ${escaped(each)}`)] : []),
  ].join('\n')
}

function about(report: Report): string[] {
  const { cpu, cpus, memoryGiB, kernel, date } = report.machine
  const versions = Object.entries(report.versions).map((each) => each.join(' '))
  return [
    `- machine: ${cpu}, ${cpus} CPUs, ${memoryGiB} GiB, ${kernel}`,
    `- versions: ${versions.join(', ')}`,
    `- run: ${date}, commit ${commitText(report)}, ${roundsText(report)}`,
    `- other programs used ${Math.round(report.cpuShareOfOthers * 100)} % of the CPUs meanwhile`,
    ...(report.stopped === undefined ? [] : [`- **not all of it**: ${escaped(report.stopped.split('\n')[0] as string)}`]),
  ]
}

export function markdown(report: Report): string {
  const [bars = '', ...missed] = summary(report.questions).trim().split('\n')
  return `${[
    '# Results',
    '',
    'Written by `npm run bench`, which writes this file and the pictures anew; `npm run bench -- --draw docs/bench/results.json` does it without',
    'measuring. What each question means, and where this library is not ahead: [BENCHMARKS.md](../BENCHMARKS.md).',
    '',
    ...about(report),
    ...[othersText(report.cpuShareOfOthers).trim()].filter((each) => each !== '').flatMap((each) => ['', `**${each}**`]),
    '',
    `${bars}${missed.length > 0 ? ':' : '.'}`,
    '',
    ...missed.flatMap((each) => [`- ${escaped(each.trim())}`]),
    ...(missed.length > 0 ? [''] : []),
    "Each trial ran in a process of its own. Medians of the rounds, with the least and the most of them; 'ours is' compares the first line of each block",
    "with the others, as the median of the rounds' ratios.",
    '',
    report.questions.map(section).join('\n\n'),
  ].join('\n')}\n`
}
