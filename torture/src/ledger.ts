import type { Server } from './server.ts'

/** One mutation as its caller knows it; the title names it wherever it had its effect. */
export interface Entry {
  /** Who made it, whose personal space has the same id. */
  userId: string
  title: string
  /** Cut off: its caller was never told anything, and cannot ask. */
  state: 'sent' | 'acknowledged' | 'refused' | 'cut off'
}

/** Of the mutations sent, as the callers know them: outside of what may be killed. */
export interface Ledger {
  entries: Entry[]
  acknowledged: number
  /** Writes down a mutation before it is sent. */
  enter(userId: string, title: string): Entry
  acknowledge(entry: Entry): void
}

export function createLedger(): Ledger {
  const ledger: Ledger = {
    entries: [],
    acknowledged: 0,
    enter(userId, title) {
      const entry: Entry = { userId, title, state: 'sent' }
      ledger.entries.push(entry)
      return entry
    },
    acknowledge(entry) {
      if (entry.state === 'acknowledged') return
      entry.state = 'acknowledged'
      ledger.acknowledged++
    },
  }
  return ledger
}

/** What the database has of it, held against what the callers know. */
export interface Audit {
  acknowledged: number
  lost: number
  doubled: number
  unresolved: number
  red: string[]
}

export async function audit(server: Server, { entries }: Ledger): Promise<Audit> {
  const rows = await server.query<{ space_id: string; title: string; times: number }>(
    `select space_id, after->>'title' as title, count(*)::int as times from tw.changes
     where action in ('create', 'update') and after ? 'title' group by 1, 2`,
  )
  const times = new Map(rows.map((row) => [`${row.space_id} ${row.title}`, row.times]))
  const of = (entry: Entry): number => times.get(`${entry.userId} ${entry.title}`) ?? 0
  const acknowledged = entries.filter(({ state }) => state === 'acknowledged')
  const lost = acknowledged.filter((entry) => of(entry) === 0)
  const doubled = entries.filter((entry) => of(entry) > 1)
  const ghosts = entries.filter((entry) => entry.state === 'refused' && of(entry) > 0)
  const unresolved = entries.filter(({ state }) => state === 'sent')
  const unknown = new Set(entries.map((entry) => `${entry.userId} ${entry.title}`))
  const strangers = [...times.keys()].filter((key) => !unknown.has(key))
  const named = (what: string, list: readonly Entry[]): string[] =>
    list.length === 0 ? [] : [`${list.length} ${what}, ${list[0]?.title} among them`]
  return {
    acknowledged: acknowledged.length,
    lost: lost.length,
    doubled: doubled.length,
    unresolved: unresolved.length,
    red: [
      ...named('acknowledged and lost', lost),
      ...named('had their effect more than once', doubled),
      ...named('refused, and had their effect', ghosts),
      ...named('never resolved', unresolved),
      ...(strangers.length > 0 ? [`${strangers.length} changes that nobody sent, ${strangers[0]} among them`] : []),
      ...(await brokenHistories(server)),
    ],
  }
}

/** Spaces whose log is not one line without gaps that ends at the head, or does not lead to the rows there are. */
export async function brokenHistories(server: Server, database?: string): Promise<string[]> {
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
      `the history of ${row.space_id} is not one line: head ${row.head}, ${row.changes} changes, the last ${row.last}, ${row.rows} rows without their change`,
  )
}
