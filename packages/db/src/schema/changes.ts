import { sql } from 'drizzle-orm'
import { bigint, boolean, check, foreignKey, index, json, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { spaces } from './spaces.ts'
import { inDomain, instant, spacePolicies, tw } from './parts.ts'

/** The log of a space, from which the feed, the history and reverts are read. */
export const changes = tw.table(
  'changes',
  {
    spaceId: uuid('space_id').notNull(),
    revision: inDomain('revision').notNull(),
    /** The last revision of the commit that this Change is in. */
    commit: bigint('commit', { mode: 'number' }).notNull(),
    at: instant('at').notNull(),
    mutationId: uuid('mutation_id'),
    requestId: text('request_id'),
    actorKind: text('actor_kind').notNull(),
    actorUserId: uuid('actor_user_id'),
    actorKeyId: uuid('actor_key_id'),
    action: text('action').notNull(),
    entity: text('entity').notNull(),
    entityId: uuid('entity_id').notNull(),
    before: jsonb('before'),
    after: jsonb('after'),
    redacted: boolean('redacted').notNull().default(false),
  },
  (t) => [
    primaryKey({ name: 'changes_pkey', columns: [t.spaceId, t.revision] }),
    foreignKey({ name: 'changes_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete(
      'cascade',
    ),
    check('changes_commit_check', sql`${t.commit} >= ${t.revision}`),
    check('changes_before_after_check', sql`${t.before} is not null or ${t.after} is not null`),
    // For the history of an entity, page by page, and for purging it.
    index('changes_entity_id_idx').on(t.spaceId, t.entityId, t.revision),
    // For tw.sweep(). Not BRIN: new rows reuse the space of deleted ones, so its ranges would span all times.
    index('changes_at_idx').on(t.at),
    // For tw.rebalanced_since().
    index('changes_system_idx')
      .on(t.spaceId, t.revision)
      .where(sql`actor_kind = 'system'`),
    ...spacePolicies('changes'),
  ],
)

/** The mutations that were applied under a mutation id: a record is kept 30 days, its reply 24 hours. */
export const mutations = tw.table(
  'mutations',
  {
    spaceId: uuid('space_id').notNull(),
    mutationId: uuid('mutation_id').notNull(),
    /** The account that sent it; no foreign key, as in tasks. */
    userId: uuid('user_id'),
    payloadHash: inDomain('sha256', 'payload_hash').notNull(),
    /** The first reply; `json` keeps its key order. Null if it was deleted or never stored. */
    reply: json('reply'),
    /** The space's revision after the mutation. */
    revision: bigint('revision', { mode: 'number' }).notNull(),
    at: instant('at').notNull(),
    /** The task in the reply, if the mutation changed nothing: without a Change, a purge finds the reply by this id. */
    unchangedId: uuid('unchanged_id'),
  },
  (t) => [
    primaryKey({ name: 'mutations_pkey', columns: [t.spaceId, t.mutationId] }),
    foreignKey({ name: 'mutations_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete(
      'cascade',
    ),
    index('mutations_at_idx').on(t.at),
    // For tw.sweep(), which deletes replies long before their records.
    index('mutations_reply_idx')
      .on(t.at)
      .where(sql`reply is not null`),
    index('mutations_unchanged_id_idx')
      .on(t.spaceId, t.unchangedId)
      .where(sql`unchanged_id is not null`),
    ...spacePolicies('mutations'),
  ],
)
