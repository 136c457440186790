import { type Change, type Client, createClient, signUp } from '@taskwire/client'
import type { Rows } from './page-api.ts'

/** A user of the tests. */
export interface Account {
  id: string
  /** The token of a session. */
  token: string
  email: string
  password: string
  /** Another device of the user, which calls the service directly. */
  other: Client
  /** Creates tasks by that device. Returns their ids by title. */
  add<T extends string>(...titles: T[]): Promise<Record<T, string>>
  /** All rows that the service has. */
  rows(): Promise<Rows>
  /** The log after a revision. */
  changes(after?: number): Promise<Change[]>
  /** What was done to tasks and lists, such as `create task`, in order, from revision `after` on. */
  done(after?: number): Promise<string[]>
  /** The space's latest revision. */
  head(): Promise<number>
}

const password = 'correct horse battery'

/** Signs up a user at the service with this URL. */
export async function newAccount(url: string, name: string): Promise<Account> {
  const email = `${name}@example.com`
  const { token, user } = await signUp({ url, email, password, name })
  // The service may just be starting.
  const other = createClient({ url, token, retry: { attempts: 10 } })

  async function changes(after = 0): Promise<Change[]> {
    const found: Change[] = []
    for (let last = after; ;) {
      const page = await other.changes.list.query({ after: last, limit: 500 })
      found.push(...page.changes)
      last = page.nextAfter
      if (last === page.head) return found
    }
  }
  return {
    id: user.id,
    token,
    email,
    password,
    other,
    async add<T extends string>(...titles: T[]) {
      const { tasks } = await other.tasks.createMany.mutate({ tasks: titles.map((title) => ({ title })) })
      // There is a task for each title.
      return Object.fromEntries(tasks.map((task) => [task.title, task.id])) as Record<T, string>
    },
    rows: async () => await rowsOf(other),
    changes,
    async done(after = 0) {
      const ours = (await changes(after)).filter(({ entity }) => entity === 'task' || entity === 'list')
      return ours.map(({ action, entity }) => `${action} ${entity}`)
    },
    head: async () => (await other.tasks.list.query({ limit: 1 })).revision,
  }
}

async function rowsOf({ tasks, lists }: Client): Promise<Rows> {
  const filter = { trash: 'with' } as const
  const sort = { by: 'createdAt', direction: 'asc' } as const
  return {
    tasks: await allPages(async (cursor) => await tasks.list.query({ filter, sort, limit: 100, cursor })),
    lists: await allPages(async (cursor) => await lists.list.query({ limit: 100, cursor })),
  }
}

async function allPages<Row>(
  read: (cursor: string | null) => Promise<{ items: Row[]; nextCursor: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof read>> = await read(cursor)
    rows.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return rows
}
