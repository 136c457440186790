import { expect, test } from 'vitest'
import { Impossible } from './experiment.ts'
import { loadExperiment } from './harness.ts'

// A busy machine takes its time, and none of them asserts any.
const PATIENCE_MS = 600_000
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
])(
  '%s',
  async (name) => {
    const { run } = await loadExperiment(name)
    const lines: string[] = []
    const say = (line: string): void => void lines.push(line)
    const result = await run({ seed, size: 'short', say }).catch((error: unknown) => {
      // What this machine does not allow is said, and shows nothing.
      if (error instanceof Impossible) return { figures: {}, red: [], impossible: error.message }
      throw new Error(`npm run -s torture -- ${name} --short --seed ${seed}: ${lines.join('; ')}`, { cause: error })
    })
    process.stdout.write(
      `${name}, seed ${seed}: ${'impossible' in result && result.impossible !== undefined ? result.impossible : JSON.stringify(result.figures)}\n`,
    )
    expect(result.red, `npm run -s torture -- ${name} --short --seed ${seed}`).toEqual([])
  },
  PATIENCE_MS,
)
