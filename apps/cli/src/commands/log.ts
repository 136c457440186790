import type { Change, Client } from '@taskwire/client'
import { findStart, readChanges } from '@taskwire/importers'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readZone } from '../account-zone.ts'
import { addCommand, inContext, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { describeChange, type Names } from '../describe-change.ts'
import { formatTime } from '../due.ts'
import { throwAbout, toCliError, unlessRefused } from '../failure.ts'
import { findTask } from '../find-tasks.ts'
import { isFullId, shortId } from '../ids.ts'
import { readLists } from '../pages.ts'
import { formatTable } from '../table.ts'
import { parseCount } from './list.ts'

const DEFAULT_LIMIT = 20
/** Each title that is not in the log costs a call. Beyond this number, short ids are shown. */
const MAX_TITLES = 100

/** A revision: a whole number from 0. */
export function parseRevision(value: string): number {
  if (!/^\d{1,15}$/u.test(value))
    throw new InvalidArgumentError('It is not a revision: write a whole number, as log shows it.')
  return Number(value)
}

export function addLog(run: Run, program: Command): void {
  addCommand(run, program, 'log', {
    summary: 'Show what changed, by whom and when',
    more: `Oldest first; the last ${DEFAULT_LIMIT} changes by default. The command undo takes a revision.`,
    examples: [
      'log',
      'log --limit 100',
      'log --task 1a2b3c4d',
      'log --follow',
      'log --after 250',
      'log --after 0 --limit 1000 --json',
    ],
  })
    .addOption(new Option('--task <id>', 'only changes of this task').conflicts('follow'))
    .addOption(new Option('--after <revision>', 'only changes after this revision').argParser(parseRevision))
    .addOption(new Option('--limit <count>', 'show at most this many').argParser(parseCount).default(DEFAULT_LIMIT))
    .addOption(new Option('-f, --follow', 'continue with new changes until Ctrl-C; with --json, one line each'))
    .action(
      inContext(run, async (ctx, options: { task?: string; after?: number; limit: number; follow?: true }) => {
        const client = await ctx.client()
        if (options.follow === true) return await followLog(ctx, client, options)
        const page = await readLog(ctx, client, options)
        if (ctx.json) return ctx.screen.json(page)
        const { task } = options
        if (page.changes.length === 0)
          return ctx.screen.note(`The log holds no changes${task === undefined ? '' : ' of this task'}.`)
        await printChanges(ctx, client, page.changes, { zone: await readZone(client) })
        const more = `log ${task === undefined ? '' : `--task ${task} `}--after ${page.nextAfter}`
        if (page.nextAfter < page.head)
          ctx.screen.note(`There are more, up to revision ${page.head}: ${ctx.program} ${more}`)
      }),
    )
}

async function readLog(
  ctx: Context,
  client: Client,
  { task, after, limit }: { task?: string; after?: number; limit: number },
): ReturnType<typeof readChanges> {
  // A purged task still has a history, but only a full id finds it.
  const entityId = task === undefined || isFullId(task) ? task : (await findTask(ctx, client, task)).id
  if (after !== undefined)
    return await readChanges(client, after, { most: limit, entityId }).catch(throwAbout(ctx, `Revision ${after}`))
  if (entityId === undefined) return await readChanges(client, await findStart(client, limit), { most: limit })
  const { changes, ...rest } = await readChanges(client, 0, { entityId })
  return { changes: changes.slice(-limit), ...rest }
}

async function followLog(
  ctx: Context,
  client: Client,
  { after, limit }: { after?: number; limit: number },
): Promise<void> {
  const { screen } = ctx
  const from = after ?? (await findStart(client, limit))
  const zone = await readZone(client)
  let hasHead = false
  let wasOffline = false
  await client.changes
    .follow({
      after: from,
      async onChange(change) {
        if (ctx.json) return screen.jsonLine(change)
        await printChanges(ctx, client, [change], { zone, hasHead })
        hasHead = true
      },
      onStatus(status) {
        if (status.state === 'offline' && !wasOffline)
          screen.warn(`Not connected; retrying until Ctrl-C. ${status.cause.message}`)
        if (status.state === 'live' && wasOffline) screen.note('Connected again.')
        wasOffline = status.state === 'offline' || (wasOffline && status.state !== 'live')
      },
    })
    .catch((error: unknown) => {
      throw after === undefined ? error : toCliError(error, ctx, `Revision ${after}`)
    })
}

async function printChanges(
  ctx: Context,
  client: Client,
  changes: readonly Change[],
  { zone, hasHead = false }: { zone: string | undefined; hasHead?: boolean },
): Promise<void> {
  const names = await readNames(client, changes)
  const columns = [
    { head: 'REVISION', value: ({ revision }: Change) => String(revision), align: 'right' as const },
    { head: 'WHEN', value: ({ at }: Change) => formatTime(at, zone ?? 'UTC') },
    { head: 'WHO', value: actorOf },
    { head: 'WHAT', value: (change: Change) => describeChange(change, { of: names, zone }), flexible: true },
  ]
  const [head, ...rows] = formatTable(changes, columns, ctx.screen).split('\n')
  ctx.screen.line((hasHead ? rows : [head, ...rows]).join('\n'))
}

function actorOf({ actor: { kind, keyId } }: Change): string {
  if (kind === 'user') return 'you'
  return keyId === null ? kind : `${kind} ${shortId(keyId)}`
}

async function readNames(client: Client, changes: readonly Change[]): Promise<Names['of']> {
  const names = new Map((await readLists(client)).map(({ id, name }) => [id, name]))
  for (const { entityId, before, after } of changes)
    for (const row of [before, after]) {
      const { title, name = title }: { title?: unknown; name?: unknown } = row ?? {}
      if (typeof name === 'string') names.set(entityId, name)
    }
  const ids = changes.filter(({ entity, redacted }) => entity === 'task' && !redacted).map(({ entityId }) => entityId)
  const unknown = [...new Set(ids)].filter((id) => !names.has(id)).slice(0, MAX_TITLES)
  const titles = await Promise.all(unknown.map(async (id) => [id, await readTitle(client, id)] as const))
  for (const [id, title] of titles) if (title !== undefined) names.set(id, title)
  return names
}

async function readTitle(client: Client, id: string): Promise<string | undefined> {
  return (await unlessRefused(client.tasks.get.query({ id }), 'NOT_FOUND'))?.title
}
