import type { Change } from '@taskwire/contract/change'
import { CONTRACT_HEADER } from '@taskwire/contract/version'
import { isTaskwireError } from '../../errors.ts'
import type { FeedStatus } from '../../follow.ts'
import { StoreError } from '../store-error.ts'
import { putRows } from '../stored-rows.ts'
import type { SyncContext } from './context.ts'
import { copySpace } from './copy-space.ts'
import { rowsOfChanges } from './rows-of-changes.ts'
import { endApplied } from './settle.ts'

/** While so many Changes wait to be written, no more are read. */
const MAX_WAITING = 1000

/**
 * Keeps the mirror up to date until `signal` aborts. First copies the space if there is no mirror, or if it was made by
 * another contract. `onStatus` is called like that of `changes.follow`, once the Changes so far have been written.
 */
export async function followSpace(
  ctx: SyncContext,
  signal: AbortSignal,
  onStatus: (status: FeedStatus) => void,
): Promise<void> {
  const { after, contract } = ctx.view.meta
  if (after === null || contract !== CONTRACT_HEADER) await copySpace(ctx)
  await readTimeZone(ctx)
  try {
    await followChanges(ctx, signal, onStatus)
  } catch (error) {
    if (!isTaskwireError(error) || error.appCode !== 'RESYNC_REQUIRED') throw error
    onStatus({ state: 'catchingUp', since: new Date() })
    await copySpace(ctx)
  }
}

async function followChanges(
  ctx: SyncContext,
  signal: AbortSignal,
  onStatus: (status: FeedStatus) => void,
): Promise<void> {
  let waiting: Change[] = []
  let writing: Promise<void> | undefined
  const failed = new AbortController()
  let latest: FeedStatus | undefined

  /** Writes what waits; what arrives meanwhile is written together. */
  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const changes = waiting
      waiting = []
      await writeChanges(ctx, changes)
    }
  }
  const writeSoon = async (): Promise<void> => {
    writing ??= write().finally(() => (writing = undefined))
    await writing
  }

  /** Reports `live` once the Changes so far are written, unless the connection is lost meanwhile. */
  async function reportLive(status: FeedStatus): Promise<void> {
    await writeSoon()
    await ctx.write(async (_tx, meta) => {
      meta.lastSynced = new Date().toISOString()
    })
    if (latest === status) onStatus(status)
  }

  await ctx.client.changes.follow({
    after: ctx.view.meta.after ?? undefined,
    signal: AbortSignal.any([signal, failed.signal]),
    async onChange(change) {
      waiting.push(change)
      const written = writeSoon().catch((error: unknown) => failed.abort(error))
      if (waiting.length >= MAX_WAITING) await written
    },
    onStatus(status) {
      latest = status
      if (status.state === 'live') void reportLive(status).catch((error: unknown) => failed.abort(error))
      else onStatus(status)
    },
  })
  await writing?.catch(() => {})
  if (failed.signal.aborted) throw failed.signal.reason
}

async function writeChanges({ view, write }: SyncContext, changes: readonly Change[]): Promise<void> {
  await write(async (tx, meta) => {
    if (meta.after === null)
      throw new StoreError(
        'STORAGE_FAILED',
        'The browser has deleted the mirror; the store reads it from the service again',
      )
    await putRows(tx, meta, rowsOfChanges(changes, view.mirror))
    meta.after = Math.max(meta.after, ...changes.map(({ revision }) => revision))
    meta.lastSynced = new Date().toISOString()
    for (const change of changes) if (change.entity === 'account') meta.timeZone = timeZoneOf(change) ?? meta.timeZone
    await endApplied(tx, meta, view.edits)
  })
}

function timeZoneOf({ after }: Change): string | undefined {
  const { timeZone } = (after ?? {}) as { timeZone?: unknown }
  return typeof timeZone === 'string' ? timeZone : undefined
}

/** Reads the account's time zone, which `today` and `overdue` depend on. A key without the scope may not. */
async function readTimeZone({ client, account, view, write, signal }: SyncContext): Promise<void> {
  try {
    const { id, timeZone } = await client.me.get.query(undefined, { signal })
    // `me` is the caller, whatever space the call names.
    if (id === account && timeZone !== view.meta.timeZone)
      await write(async (_tx, meta) => {
        meta.timeZone = timeZone
      })
  } catch (error) {
    if (!isTaskwireError(error) || error.appCode !== 'FORBIDDEN') throw error
  }
}
