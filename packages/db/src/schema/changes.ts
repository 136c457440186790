import { sql } from 'drizzle-orm'
import { bigint, boolean, check, foreignKey, index, json, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { spaces } from './spaces.ts'
import * as domain from './domains.ts'
import { spacePolicies, instant, tw } from './parts.ts'

/** The one log behind the feed, the history and undoing. */
export const changes = tw.table(
  'changes',
  {
    spaceId: uuid('space_id').notNull(),
    revision: domain.revision('revision').notNull(),
    /** The last revision of the mutation that made this Change. */
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
    index('changes_entity_id_idx').on(t.spaceId, t.entityId),
    // For the sweeper. Not BRIN: once what it dropped has been written over, its ranges span all times.
    index('changes_at_idx').on(t.at),
    // For undoing what was placed before room was made.
    index('changes_system_idx')
      .on(t.spaceId, t.revision)
      .where(sql`actor_kind = 'system'`),
    ...spacePolicies('changes'),
  ],
)

/** What has been applied under a mutation id: the record is kept 30 days, its reply 24 hours. */
export const mutations = tw.table(
  'mutations',
  {
    spaceId: uuid('space_id').notNull(),
    mutationId: uuid('mutation_id').notNull(),
    /** The account that applied it; no reference, as in tasks. */
    userId: uuid('user_id'),
    payloadHash: domain.sha256('payload_hash').notNull(),
    /** As text of the first reply, whose key order it keeps; null when dropped or never kept. */
    reply: json('reply'),
    /** The space's revision after the mutation. */
    revision: bigint('revision', { mode: 'number' }).notNull(),
    at: instant('at').notNull(),
    /** The task that the reply shows when the mutation changed nothing, so that no Change leads here. */
    unchangedId: uuid('unchanged_id'),
  },
  (t) => [
    primaryKey({ name: 'mutations_pkey', columns: [t.spaceId, t.mutationId] }),
    foreignKey({ name: 'mutations_space_id_fkey', columns: [t.spaceId], foreignColumns: [spaces.id] }).onDelete(
      'cascade',
    ),
    index('mutations_at_idx').on(t.at),
    // Replies go long before their records do.
    index('mutations_reply_idx')
      .on(t.at)
      .where(sql`reply is not null`),
    index('mutations_unchanged_id_idx')
      .on(t.spaceId, t.unchangedId)
      .where(sql`unchanged_id is not null`),
    ...spacePolicies('mutations'),
  ],
)
