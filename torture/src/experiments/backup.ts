import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { runAdmin } from '@taskwire/api/process-testing'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf } from '../instance.ts'
import { audit, brokenHistories } from '../ledger.ts'
import { until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { schemaOf } from '../schema.ts'
import { type Server, startServer } from '../server.ts'
import { startWriters, tallyFigures } from '../writers.ts'

export const promise =
  'A backup taken under load is of one moment, and restores to the same rows, policies and grants, without a session.'
export const sabotage = 'the backup has its heads of one moment and its rows of another'

const SIZES = {
  short: { backups: 1, callers: 8, before: 60, between: 30 },
  long: { backups: 10, callers: 32, before: 5000, between: 2000 },
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { backups, callers, before, between } = SIZES[size]
  const random = createRandom(seed)
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-backup-'))
  await using server = await startServer()
  await using fleet = await startFleet(server, { count: 1, ownBalancer: true })
  const users = await server.addUsers(callers / 2, random)
  const red: string[] = []
  const clientFor = (user: (typeof users)[number]) => clientOf(fleet.balancer.url, user)
  let going = Promise.withResolvers<void>()
  going.resolve()
  const hold = async (): Promise<void> => await going.promise
  const writers = startWriters({ users, callers, random, clientFor, saboteur: false, hold })
  const { ledger } = writers
  const acknowledged = async (more: number): Promise<void> => {
    const after = ledger.acknowledged + more
    await until('writes to be acknowledged', () => ledger.acknowledged >= after)
  }
  try {
    const schema = await schemaOf(server)
    await acknowledged(before)
    let rows = 0
    for (let nr = 1; nr <= backups; nr++) {
      const file = join(directory, `${nr}.gz`)
      const atLeast = ledger.acknowledged
      await runAdmin(['backup', file], settingsFor(server))
      if (saboteur) {
        await acknowledged(between)
        const later = join(directory, `${nr}-later.gz`)
        await runAdmin(['backup', later], settingsFor(server))
        await splice(file, later)
      }
      // What is written while it is looked at would only make the next one larger.
      going = Promise.withResolvers<void>()
      const database = `restored_${nr}`
      await server.addDatabase(database)
      await runAdmin(['migrate'], settingsFor(server, database))
      await runAdmin(['restore', file, '--exact'], settingsFor(server, database))
      expectThat(red, (await schemaOf(server, database)) === schema, `backup ${nr}: other policies, grants or tables`)
      red.push(...(await brokenHistories(server, database)).map((why) => `backup ${nr}: ${why}`))
      const [found] = await server.query<{ changes: number; sessions: number }>(
        'select (select count(*)::int from tw.changes) as changes, (select count(*)::int from auth.sessions) as sessions',
        database,
      )
      expectThat(red, found?.sessions === 0, `backup ${nr} brought ${found?.sessions} sessions back`)
      rows = found?.changes ?? 0
      expectThat(red, rows >= atLeast, `backup ${nr} has ${rows} changes, of ${atLeast} acknowledged before it`)
      // Of what is restored another backup is the same, line for line, but for its time.
      const again = join(directory, `${nr}-again.gz`)
      await runAdmin(['backup', again], settingsFor(server, database))
      expectThat(red, (await textOf(again)) === (await textOf(file)), `backup ${nr} is not what its restored rows give`)
      say(`${nr} of ${backups} backups, ${rows} changes in the last`)
      going.resolve()
      await acknowledged(between)
    }
    await writers.stop()
    const { red: found, ...figures } = await audit(server, ledger)
    red.push(...found)
    return {
      figures: { backups, callers, ...tallyFigures(writers.tally), ...figures, 'changes in the last': rows },
      red,
    }
  } finally {
    going.resolve()
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

/** Without the line that has the time. */
async function textOf(file: string): Promise<string> {
  return (await linesOf(file)).slice(1).join('\n')
}

/** What a backup without a snapshot would be: up to the heads from the one, the rest from the other. */
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
