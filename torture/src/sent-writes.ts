import type { Server } from './server.ts'

/** A mutation as its caller knows it. Its title is unique, so that its effects can be found. */
export interface SentWrite {
  /** The caller. Its personal space has the same id. */
  userId: string
  title: string
  /** Cut off: the caller got no response and cannot retry. */
  state: 'sent' | 'acknowledged' | 'refused' | 'cut off'
}

/** The mutations sent, as their callers know them. Kept outside of the processes that are killed. */
export interface SentWrites {
  entries: SentWrite[]
  acknowledged: number
  /** Records a mutation before it is sent. */
  add(userId: string, title: string): SentWrite
  acknowledge(entry: SentWrite): void
}

export function createSentWrites(): SentWrites {
  const sentWrites: SentWrites = {
    entries: [],
    acknowledged: 0,
    add(userId, title) {
      const entry: SentWrite = { userId, title, state: 'sent' }
      sentWrites.entries.push(entry)
      return entry
    },
    acknowledge(entry) {
      if (entry.state === 'acknowledged') return
      entry.state = 'acknowledged'
      sentWrites.acknowledged++
    },
  }
  return sentWrites
}

/** The comparison of the database with what the callers know. */
export interface Audit {
  acknowledged: number
  lost: number
  doubled: number
  unresolved: number
  violations: string[]
}

/** Finds acknowledged writes that are lost, writes that took effect twice, and broken logs. */
export async function audit(server: Server, { entries }: SentWrites): Promise<Audit> {
  const rows = await server.query<{ space_id: string; title: string; times: number }>(
    `select space_id, after->>'title' as title, count(*)::int as times from tw.changes
     where action in ('create', 'update') and after ? 'title' group by 1, 2`,
  )
  const times = new Map(rows.map((row) => [`${row.space_id} ${row.title}`, row.times]))
  const effectsOf = (entry: SentWrite): number => times.get(`${entry.userId} ${entry.title}`) ?? 0
  const acknowledged = entries.filter(({ state }) => state === 'acknowledged')
  const lost = acknowledged.filter((entry) => effectsOf(entry) === 0)
  const doubled = entries.filter((entry) => effectsOf(entry) > 1)
  const refusedButDone = entries.filter((entry) => entry.state === 'refused' && effectsOf(entry) > 0)
  const unresolved = entries.filter(({ state }) => state === 'sent')
  const known = new Set(entries.map((entry) => `${entry.userId} ${entry.title}`))
  const unsent = [...times.keys()].filter((key) => !known.has(key))
  const describe = (what: string, list: readonly SentWrite[]): string[] =>
    list.length === 0 ? [] : [`${list.length} ${what}, for instance ${list[0]?.title}`]
  return {
    acknowledged: acknowledged.length,
    lost: lost.length,
    doubled: doubled.length,
    unresolved: unresolved.length,
    violations: [
      ...describe('acknowledged writes were lost', lost),
      ...describe('writes took effect more than once', doubled),
      ...describe('writes were refused but took effect', refusedButDone),
      ...describe('writes have no known outcome', unresolved),
      ...(unsent.length > 0 ? [`${unsent.length} Changes were not sent by any caller, for instance ${unsent[0]}`] : []),
      ...(await findBrokenLogs(server)),
    ],
  }
}

/** Describes each space whose log has a gap, does not end at the head, or does not match the rows. */
export async function findBrokenLogs(server: Server, database?: string): Promise<string[]> {
  const rows = await server.query<{ space_id: string; head: number; changes: number; last: number; rows: number }>(
    `select h.id as space_id, h.revision::int as head, count(c)::int as changes, coalesce(max(c.revision), 0)::int as last,
       (select count(*)::int from (select t.space_id, t.id, t.revision from tw.tasks t union all select l.space_id, l.id, l.revision from tw.lists l) r
        where r.space_id = h.id and r.revision is distinct from
          (select max(x.revision) from tw.changes x where x.space_id = r.space_id and x.entity_id = r.id)) as rows
     from tw.spaces h left join tw.changes c on c.space_id = h.id group by h.id, h.revision
     having h.revision <> count(c) or h.revision <> coalesce(max(c.revision), 0) or exists (
       select from (select t.space_id, t.id, t.revision from tw.tasks t union all select l.space_id, l.id, l.revision from tw.lists l) r
       where r.space_id = h.id and r.revision is distinct from
         (select max(x.revision) from tw.changes x where x.space_id = r.space_id and x.entity_id = r.id))`,
    database,
  )
  return rows.map(
    (row) =>
      `the log of space ${row.space_id} is broken: head ${row.head}, ${row.changes} Changes, the last at revision ${row.last}, ${row.rows} rows without their Change`,
  )
}
