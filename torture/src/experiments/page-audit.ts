// Lets Lighthouse look at the front end: on a phone whose processor is four times slower and whose network is slow,
// and on a desktop. Fails if the middle score of a category is lower than promised.

import { execFile } from 'node:child_process'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { launchChromium } from '@taskwire/api/browser-testing'
import { startFrontEnd } from '../browser/front-end.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { freePort } from '../instance.ts'

export const promise =
  'Lighthouse gives the front end at least 95 of 100 for performance, accessibility and best practices.'
export const negativeControl = 'the processor is sixty times slower'

const LIGHTHOUSE = 'lighthouse@13.5.0'
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const
const LEAST = 95
const RUNS = { short: 1, long: 5 }
const TASKS = 40
const DEVICES = { phone: [], desktop: ['--preset=desktop'] }

type Scores = Record<(typeof CATEGORIES)[number], number>

export async function run({ size, print, isNegativeControl = false }: Options): Promise<Result> {
  await using frontEnd = await startFrontEnd(TASKS)
  const { address, ada } = frontEnd
  const cookie = JSON.stringify({ Cookie: `taskwire.session_token=${encodeURIComponent(ada.token)}` })
  // The tasks miss the promise on a phone as it is, which would prove nothing of the control.
  const pages = { 'signing in': [], ...(!isNegativeControl && { [`${TASKS} tasks`]: [`--extra-headers=${cookie}`] }) }
  const slowed = isNegativeControl ? ['--throttling.cpuSlowdownMultiplier=60'] : []

  const metrics: Result['metrics'] = {}
  const violations: string[] = []
  for (const [page, pageFlags] of Object.entries(pages))
    for (const [device, deviceFlags] of Object.entries(DEVICES)) {
      const found: Scores[] = []
      for (let nr = 0; nr < RUNS[size]; nr++) {
        found.push(await audit(address, [...pageFlags, ...deviceFlags, ...slowed]))
        print(`${page}, ${device}: ${Object.values(found.at(-1) ?? {}).join(', ')}`)
      }
      for (const category of CATEGORIES) {
        const scores = found.map((one) => one[category]).toSorted((a, b) => a - b)
        const middle = scores[Math.floor(scores.length / 2)] ?? 0
        metrics[`${page}, ${device}, ${category}`] = scores.join(', ')
        expectThat(violations, middle >= LEAST, `${page}, ${device}: ${category} has ${middle}`)
      }
    }
  return { metrics, violations }
}

/** Opens the page in a new browser. Returns the scores, from 0 to 100. */
async function audit(address: string, flags: readonly string[]): Promise<Scores> {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'taskwire-audit-'))
  const report = join(directory.path, 'report.json')
  const port = await freePort()
  const browser = await launchChromium(`--remote-debugging-port=${port}`)
  await using closing = new AsyncDisposableStack()
  closing.defer(async () => await browser.close())
  await promisify(execFile)('npx', [
    '-y',
    LIGHTHOUSE,
    address,
    `--port=${port}`,
    `--only-categories=${CATEGORIES.join()}`,
    '--output=json',
    `--output-path=${report}`,
    '--quiet',
    ...flags,
  ])
  // The report of Lighthouse, whose version is pinned.
  const { categories } = JSON.parse(await readFile(report, 'utf8')) as { categories: Record<keyof Scores, Score> }
  const of = (category: keyof Scores): number => Math.round(categories[category].score * 100)
  return { performance: of('performance'), accessibility: of('accessibility'), 'best-practices': of('best-practices') }
}

interface Score {
  /** From 0 to 1. */
  score: number
}
