import { randomUUID } from 'node:crypto'
import { type Client, createClient } from '@taskwire/client'
import { toCursor } from '../../procedures/cursor.ts'
import type { TestService } from '../service.ts'
import { addSession } from './credentials.ts'
import type { ObjectKind, CreateOwn } from './row.ts'

/** A user, and functions that create rows of that user. */
export interface TestAccount {
  id: string
  client: Client
  /** Creates something of this user; returns its id, name or cursor. */
  create: CreateOwn
  createTrashed(): Promise<string>
  /** Creates and purges a task. */
  createPurged(): Promise<string>
}

const NIL = '00000000-0000-0000-0000-000000000000'

/** Creates a user by SQL. Every text of the user contains the canary. */
export async function createTestAccount(service: TestService, canary: string): Promise<TestAccount> {
  const id = randomUUID()
  await service.admin(`insert into auth.users (id, name, email) values ($1, $2, $3)`, [id, canary, `${id}@example.com`])
  const client = createClient({ url: service.url, token: await addSession(service, id), retry: { attempts: 1 } })
  let texts = 0
  const text = (): string => `${canary}${++texts}`
  const task = async (more: object = {}): Promise<string> =>
    (await client.tasks.create.mutate({ title: text(), ...more })).id
  /** Returns the cursor of a first page; adds rows until there is one. */
  async function cursor(
    router: { list: { query(input: { limit: number }): Promise<{ nextCursor: string | null }> } },
    add: () => Promise<unknown>,
  ): Promise<string> {
    for (;;) {
      const { nextCursor } = await router.list.query({ limit: 1 })
      if (nextCursor !== null) return nextCursor
      await add()
    }
  }
  const creators: Record<ObjectKind, () => Promise<string>> = {
    task,
    async list() {
      const list = await client.lists.create.mutate({ name: text() })
      await task({ listId: list.id })
      return list.id
    },
    key: async () => (await client.keys.create.mutate({ name: text(), scopes: ['account'] })).key.id,
    space: async () => id,
    commit: async () => String((await client.tasks.create.mutate({ title: text() })).revision),
    async tag() {
      const tag = text()
      await task({ tags: [tag] })
      return tag
    },
    async word() {
      const title = text()
      await client.tasks.create.mutate({ title })
      return title
    },
    async user() {
      const other = randomUUID()
      await service.admin(`insert into auth.users (id, name, external_id) values ($1, $2, $3)`, [other, text(), other])
      return other
    },
    'cursor of tasks': async () => await cursor(client.tasks, task),
    'cursor of lists': async () => await cursor(client.lists, creators.list),
    'cursor of tags': async () => await cursor(client.tags, creators.tag),
    'cursor of keys': async () => await cursor(client.keys, creators.key),
    // Both are constructed: only a service key gets the first, and the second needs more rows than a page has.
    'cursor of users': async () => toCursor('users.list', id, [NIL]),
    'cursor of export': async () => toCursor('me.export', id, [NIL, NIL, '0', NIL, '1']),
  }
  return {
    id,
    client,
    create: async (kind) => await creators[kind](),
    createTrashed: async () => (await client.tasks.delete.mutate({ id: await task() })).id,
    createPurged: async () => (await client.tasks.purge.mutate({ id: await task() })).id,
  }
}

/** Returns a value that names no object of any user. Not for cursors. */
export function unknownValue(kind: ObjectKind): string {
  return kind === 'commit' ? '8000000000000' : randomUUID()
}
