import type { Sql } from 'postgres'
import type { Model } from '../model.ts'
import { modelFunctions } from './functions.ts'
import { removeIndexes } from './indexes.ts'
import type { Progress } from './progress.ts'
import { withQuickTerms } from './search-terms.ts'
import { findErrors, insertLists, insertTasks, insertUsers, SET_HEADS } from './statements.ts'

const CHUNK = 50_000
/** Concurrent inserts. */
const CONCURRENCY = 2

/** Fills an empty, migrated database. `sql` connects as the superuser and may use CONCURRENCY connections. */
export async function seed(sql: Sql, model: Model, progress: Progress): Promise<void> {
  const { users, tasks } = model
  await sql.unsafe(modelFunctions(model))
  // Autovacuum would use a core to analyse half-filled tables.
  await setAutovacuum(sql, 'off')

  progress.phase('users, sessions, lists', users * 2)
  await inChunks(users, 5000, 1, async (first, last) => {
    await sql.unsafe(insertUsers(model), [first, last])
    await sql.unsafe(insertLists(model), [first, last])
    progress.step((last - first + 1) * 2)
  })

  const removed = await removeIndexes(sql)
  progress.phase('tasks and Changes', tasks)
  const insert = insertTasks(model)
  await inChunks(tasks, CHUNK, CONCURRENCY, async (first, last) => {
    await sql.unsafe(insert, [first, last])
    progress.step(last - first + 1)
  })

  progress.phase('keys and indexes', removed.items.length)
  await withQuickTerms(sql, async () => {
    for (const item of removed.items) {
      await removed.restore(item)
      progress.step()
    }
  })
  await removed.verify()

  progress.phase('heads', 1)
  await sql.unsafe(SET_HEADS)

  progress.phase('vacuum and checks', 6)
  for (const table of ['tw.tasks', 'tw.changes', 'tw.lists', 'tw.spaces', 'auth.users', 'auth.sessions']) {
    await sql.unsafe(`vacuum (freeze, analyze) ${table}`)
    progress.step()
  }
  const errors = await sql.unsafe<{ what: string }[]>(`select * from (${findErrors(model)}) c (what)`)
  if (errors.length > 0)
    throw new Error(`The seeded data is wrong: ${errors.map(({ what }) => what).join('; ')}. Please report it.`)
  await setAutovacuum(sql, 'on')
  await sql.unsafe('checkpoint')
  progress.end()
}

async function setAutovacuum(sql: Sql, to: 'on' | 'off'): Promise<void> {
  await sql.unsafe(`alter system set autovacuum = ${to}`)
  await sql`select pg_reload_conf()`
}

async function inChunks(
  total: number,
  size: number,
  concurrency: number,
  work: (first: number, last: number) => Promise<void>,
): Promise<void> {
  let next = 1
  async function run(): Promise<void> {
    while (next <= total) {
      const first = next
      next = Math.min(first + size, total + 1)
      await work(first, next - 1)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, run))
}
