import type { ChangesPage } from '@taskwire/contract'
import { query } from '@taskwire/db'
import { AppError } from '../../errors.ts'
import type { CallContext } from '../context.ts'
import { RawJson } from '../raw-json.ts'
import { read } from '../read.ts'
import { readChangesText } from './read-changes.ts'

const history = query('changes.list.of-entity', ['entity', 'after', 'most'])

interface Request {
  after: number
  limit: number
}

export async function listChanges(
  ctx: CallContext,
  { entityId, ...request }: Request & { entityId?: string | undefined },
): Promise<RawJson<ChangesPage>> {
  const { changes, head, nextAfter } =
    entityId === undefined ? await readChangesText(ctx, request) : await readHistory(ctx, entityId, request)
  return new RawJson(`{"changes":${changes},"head":${head},"nextAfter":${nextAfter}}`)
}

/**
 * Reads a page of the Changes of one entity. Unlike the whole log, which a mirror follows without a gap, a history is
 * read as far back as it is kept. Throws RESYNC_REQUIRED only if `after` is above the head, as after a restore.
 */
async function readHistory(
  ctx: CallContext,
  entityId: string,
  { after, limit }: Request,
): Promise<{ changes: string; head: number; nextAfter: number }> {
  const [row] = await read(ctx, history.with({ entity: entityId, after, most: limit }))
  const head = Number(row?.['head'])
  if (after > head)
    throw new AppError(
      'RESYNC_REQUIRED',
      "after is above the head, the space's latest revision; read the history again, with after 0.",
    )
  return { changes: String(row?.['changes']), head, nextAfter: Number(row?.['next_after']) }
}
