import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageDirectory = fileURLToPath(new URL('..', import.meta.url))

interface Snapshot {
  id: string
  prevIds: string[]
}

/** Problems with the order of the migrations: each must be generated after the one before it, with a later time. */
export function folderProblems(directory: string): string[] {
  const problems: string[] = []
  let before: { name: string; time: string; id: string } | undefined
  for (const name of readdirSync(directory).toSorted()) {
    const time = name.slice(0, 14)
    const snapshot = join(directory, name, 'snapshot.json')
    if (
      !/^\d{14}_[a-z0-9_]+$/.test(name) ||
      !existsSync(snapshot) ||
      !existsSync(join(directory, name, 'migration.sql'))
    ) {
      problems.push(
        `packages/db/migrations/${name} is not a folder of drizzle-kit generate: its name must begin with a time, such as 20261122093000_what, and it must contain migration.sql and snapshot.json.`,
      )
      continue
    }
    const { id, prevIds } = JSON.parse(readFileSync(snapshot, 'utf8')) as Snapshot
    const after = before?.id ?? '00000000-0000-0000-0000-000000000000'
    if (before !== undefined && time <= before.time)
      problems.push(`packages/db/migrations/${name} has the time of ${before.name}: give it a later one.`)
    else if (prevIds.length !== 1 || prevIds[0] !== after)
      problems.push(
        `packages/db/migrations/${name} was generated without ${before?.name ?? 'an empty schema'}, the migration before it: remove the one that is not released yet, and generate it again.`,
      )
    before = { name, time, id }
  }
  return problems
}

/** The migration that drizzle-kit would generate; null if the newest snapshot equals src/schema. */
export function driftOf(directory: string, copy: string): string | null {
  cpSync(directory, copy, { recursive: true })
  const before = readdirSync(copy)
  const run = spawnSync(
    join(packageDirectory, 'node_modules/.bin/drizzle-kit'),
    ['generate', '--dialect', 'postgresql', '--schema', './src/schema/index.ts', '--out', copy, '--name', 'drift'],
    // Without a terminal, drizzle-kit cannot ask whether a column was renamed.
    { cwd: packageDirectory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [made] = readdirSync(copy).filter((name) => !before.includes(name))
  if (made !== undefined) return readFileSync(join(copy, made, 'migration.sql'), 'utf8')
  if (run.status !== 0 || run.error !== undefined) return `${run.stdout}${run.stderr}${run.error?.message ?? ''}`
  return null
}

/** The lines that only one of the texts has, up to forty. */
export function linesThatDiffer(committed: string, current: string): string {
  const [old, now] = [committed.split('\n'), current.split('\n')]
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ]
  if (lines.length === 0) return 'the same lines in another order'
  return [...lines.slice(0, 40), ...(lines.length > 40 ? [`and ${lines.length - 40} more`] : [])].join('\n')
}
