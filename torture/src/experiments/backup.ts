// Takes backups with taskwire-admin while callers write, and restores each into an empty database.
// Fails if a restored database differs from its backup in rows, policies, grants or tables, has a session, has a head
// that does not match its Changes, or lacks a write that was acknowledged before the backup; or if the original
// database lost or doubled a write.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { runAdmin } from '@taskwire/api/process-testing'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf } from '../instance.ts'
import { audit, findBrokenLogs } from '../sent-writes.ts'
import { until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { schemaOf } from '../schema.ts'
import { type Server, startServer } from '../server.ts'
import { startWriters, tallyMetrics } from '../writers.ts'

export const promise =
  'A backup taken under load is consistent, and restores the same rows, policies and grants, without sessions.'
export const negativeControl = 'the backup has the heads of one moment and the rows of a later one'

const SIZES = {
  short: { backups: 1, callers: 8, before: 60, between: 30 },
  long: { backups: 10, callers: 32, before: 5000, between: 2000 },
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { backups, callers, before, between } = SIZES[size]
  const random = createRandom(seed)
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-backup-'))
  await using server = await startServer()
  await using fleet = await startFleet(server, { count: 1, ownBalancer: true })
  const users = await server.addUsers(callers / 2, random)
  const violations: string[] = []
  const clientFor = (user: (typeof users)[number]) => clientOf(fleet.balancer.url, user)
  let resumed = Promise.withResolvers<void>()
  resumed.resolve()
  const beforeCall = async (): Promise<void> => await resumed.promise
  const writers = startWriters({ users, callers, random, clientFor, hasBrokenCallers: false, beforeCall })
  const { sentWrites } = writers
  const waitForWrites = async (more: number): Promise<void> => {
    const after = sentWrites.acknowledged + more
    await until('writes to be acknowledged', () => sentWrites.acknowledged >= after)
  }
  try {
    const schema = await schemaOf(server)
    await waitForWrites(before)
    let rows = 0
    for (let nr = 1; nr <= backups; nr++) {
      const file = join(directory, `${nr}.gz`)
      const atLeast = sentWrites.acknowledged
      await runAdmin(['backup', file], settingsFor(server))
      if (isNegativeControl) {
        await waitForWrites(between)
        const later = join(directory, `${nr}-later.gz`)
        await runAdmin(['backup', later], settingsFor(server))
        await splice(file, later)
      }
      // Pause the writers: writes during the checks would only make the next backup larger.
      resumed = Promise.withResolvers<void>()
      const database = `restored_${nr}`
      await server.addDatabase(database)
      await runAdmin(['migrate'], settingsFor(server, database))
      await runAdmin(['restore', file, '--exact'], settingsFor(server, database))
      expectThat(
        violations,
        (await schemaOf(server, database)) === schema,
        `backup ${nr} restored other policies, grants or tables`,
      )
      violations.push(...(await findBrokenLogs(server, database)).map((reason) => `backup ${nr}: ${reason}`))
      const [found] = await server.query<{ changes: number; sessions: number }>(
        'select (select count(*)::int from tw.changes) as changes, (select count(*)::int from auth.sessions) as sessions',
        database,
      )
      expectThat(violations, found?.sessions === 0, `backup ${nr} restored ${found?.sessions} sessions`)
      rows = found?.changes ?? 0
      expectThat(
        violations,
        rows >= atLeast,
        `backup ${nr} has ${rows} Changes, but ${atLeast} writes were acknowledged before it`,
      )
      // A backup of the restored database has the same lines, except for its time.
      const again = join(directory, `${nr}-again.gz`)
      await runAdmin(['backup', again], settingsFor(server, database))
      expectThat(
        violations,
        (await textOf(again)) === (await textOf(file)),
        `backup ${nr} differs from a backup of its restored database`,
      )
      print(`${nr} of ${backups} backups, ${rows} Changes in the last`)
      resumed.resolve()
      await waitForWrites(between)
    }
    await writers.stop()
    const { violations: found, ...metrics } = await audit(server, sentWrites)
    violations.push(...found)
    return {
      metrics: { backups, callers, ...tallyMetrics(writers.tally), ...metrics, 'Changes in the last backup': rows },
      violations,
    }
  } finally {
    resumed.resolve()
    await writers.stop().catch(() => {})
    await rm(directory, { recursive: true, force: true })
  }
}

function settingsFor(server: Server, database?: string): Record<string, string> {
  return {
    ...server.settings,
    DATABASE_URL: server.url('taskwire_app', database),
    DATABASE_AUTH_URL: server.url('taskwire_auth', database),
    DATABASE_OWNER_URL: server.url('taskwire_owner', database),
  }
}

async function linesOf(file: string): Promise<string[]> {
  return gunzipSync(await readFile(file))
    .toString()
    .split('\n')
}

/** The text of a backup without its first line, which has the time. */
async function textOf(file: string): Promise<string> {
  return (await linesOf(file)).slice(1).join('\n')
}

/** Makes `file` a backup as it could be without a snapshot: with its own heads, and the other rows of `later`. */
async function splice(file: string, later: string): Promise<void> {
  const [first, second] = [await linesOf(file), await linesOf(later)]
  const border = (lines: string[]): number => lines.findIndex((line) => line.startsWith('{"table":"tw.lists"'))
  type End = { tables: Record<string, unknown> }
  const end = (lines: string[]): End => JSON.parse(lines.at(-2) ?? '') as End
  const heads = 'tw.spaces'
  const trailer = { ...end(second), tables: { ...end(second).tables, [heads]: end(first).tables[heads] } }
  const lines = [...first.slice(0, border(first)), ...second.slice(border(second), -2), JSON.stringify(trailer), '']
  await writeFile(file, gzipSync(lines.join('\n')))
}
