import { expect, test } from 'vitest'
import { Impossible } from './experiment.ts'
import { loadExperiment } from './harness.ts'

// Long, because a busy machine may be slow. The short forms assert no times.
const TIMEOUT_MS = 600_000
const seed = Number(process.env['TASKWIRE_SEED'])

test.each([
  'kills-api',
  'kills-database',
  'once',
  'edits',
  'history',
  'feed',
  'network',
  'deploys',
  'disk-full',
  'power-cut',
  'migrations',
  'previous-release',
  'backup',
  'password-race',
  'slow-callers',
  'bombs',
  'offline-edits',
])(
  '%s',
  async (name) => {
    const { run } = await loadExperiment(name)
    const lines: string[] = []
    const print = (line: string): void => void lines.push(line)
    const result = await run({ seed, size: 'short', print }).catch((error: unknown) => {
      if (error instanceof Impossible) return { metrics: {}, violations: [], impossible: error.message }
      throw new Error(`npm run -s torture -- ${name} --short --seed ${seed}: ${lines.join('; ')}`, { cause: error })
    })
    process.stdout.write(
      `${name}, seed ${seed}: ${'impossible' in result && result.impossible !== undefined ? result.impossible : JSON.stringify(result.metrics)}\n`,
    )
    expect(result.violations, `npm run -s torture -- ${name} --short --seed ${seed}`).toEqual([])
  },
  TIMEOUT_MS,
)
