import { type Report, rowsOf } from './report.ts'

/** Bar charts by work and subject. A few rectangles need no library. */
const COLOURS: Record<string, string> = {
  floor: '#9aa5b1',
  'fair-floor': '#616e7c',
  database: '#cbd2d9',
  taskwire: '#0b69a3',
  'taskwire-embedded': '#7cc4fa',
  'taskwire-list': '#7cc4fa',
  stock: '#de911d',
  postgraphile: '#8e44ad',
  nest: '#ba2525',
}
const BAR = 18
const LABEL = 130
const PLOT = 520
const RIGHT = 150
const WIDTH = LABEL + PLOT + RIGHT

interface Bar {
  label: string
  value: number
  /** Ends of a thin line over the bar. */
  from: number
  to: number
  text: string
}

const escape = (text: string): string => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
const text = (x: number, y: number, content: string, extra = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${extra}>${escape(content)}</text>`

function group(title: string, bars: readonly Bar[], top: number): string {
  const most = Math.max(...bars.map(({ value, to }) => Math.max(value, to)), 1e-9)
  const scale = (value: number): number => (value / most) * PLOT
  const drawn = bars.map(({ label, value, from, to, text: valueText }, n) => {
    const y = top + 24 + n * (BAR + 4)
    const middle = y + BAR / 2
    return [
      text(LABEL - 8, middle + 4, label, 'text-anchor="end"'),
      `<rect x="${LABEL}" y="${y}" width="${scale(value).toFixed(1)}" height="${BAR}" fill="${COLOURS[label] ?? '#52606d'}"/>`,
      `<line x1="${(LABEL + scale(from)).toFixed(1)}" x2="${(LABEL + scale(to)).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#1f2933"/>`,
      text(LABEL + scale(Math.max(value, to)) + 6, middle + 4, valueText),
    ].join('')
  })
  return [text(LABEL, top + 14, title, 'font-weight="bold"'), ...drawn].join('\n')
}

function page(title: string, groups: readonly [string, Bar[]][]): string {
  let top = 40
  const drawn = groups.map(([name, bars]) => {
    const part = group(name, bars, top)
    top += 24 + bars.length * (BAR + 4) + 18
    return part
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="sans-serif" font-size="12" fill="#1f2933">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(LABEL, 22, title, 'font-size="15" font-weight="bold"'),
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

/** Returns the SVG files by name. */
export function plotsOf(report: Report): Record<string, string> {
  const calls = [...report.works.keys()].filter((work) => work !== 'start')
  const rates = calls.map((work): [string, Bar[]] => [
    work,
    rowsOf(report, work).map(({ subject, rate }) => ({
      label: subject,
      value: rate.median,
      from: rate.min,
      to: rate.max,
      text: Math.round(rate.median).toLocaleString('en-US'),
    })),
  ])
  const times = [...report.works.keys()].map((work): [string, Bar[]] => [
    work,
    rowsOf(report, work).map(({ subject, p50, p99 }) => ({
      label: subject,
      value: p50,
      from: p50,
      to: p99,
      text: `${p50.toPrecision(3)}, ${p99.toPrecision(3)}`,
    })),
  ])
  const suffix = report.options.sizeName === 'smoke' ? ' (a smoke run: the results mean nothing)' : ''
  return {
    'rates.svg': page(`Calls a second, median and extremes of the rounds${suffix}`, rates),
    'times.svg': page(`Milliseconds: p50 as a bar, p99 as a line${suffix}`, times),
  }
}
