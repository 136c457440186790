import type { TestService, TestUser } from '@taskwire/api/testing'
import { createClient } from '@taskwire/client'
import type { Random } from './random.ts'

/** Identifiers of a user's data. */
export interface Identifiers {
  tasks: string[]
  lists: string[]
  keys: string[]
  mutations: string[]
  cursors: string[]
  users: string[]
  /** Words that appear only in texts of this user. */
  words: string[]
}

/** A test user with data of every kind. */
export interface SeededUser {
  user: TestUser
  /** Request headers with the credential of the user. */
  headers: Record<string, string>
  ids: Identifiers
  head: number
  /** Texts that appear only in the data of this user. */
  canaries: string[]
  /** Identifiers of another user under which this user has stored data of its own. */
  reusedIds: Set<string>
  /** Reads the identifiers again, and adds data of a kind of which little is left. */
  refresh(): Promise<void>
  /** Returns an identifier of the same form that belongs to nobody. */
  makeUnusedId(id: string, random: Random): string
}

const DUE_DATES = [null, { date: '2026-11-22' }, { date: '2026-12-24', time: '09:30', timeZone: 'Europe/Berlin' }]

export async function seedUser(service: TestService, random: Random): Promise<SeededUser> {
  const canary = `c${random.uuid().replaceAll('-', '')}`
  const user = await service.signUp(canary)
  const client = createClient({ url: service.url, token: user.token })
  const ids: Identifiers = {
    tasks: [],
    lists: [],
    keys: [],
    mutations: [],
    cursors: [],
    users: [user.id],
    words: [canary],
  }
  const newMutationId = (): { mutationId: string } => {
    const mutationId = random.uuid()
    ids.mutations.push(mutationId)
    return { mutationId }
  }

  async function addTasks(count: number): Promise<void> {
    const { tasks } = await client.tasks.createMany.mutate({
      tasks: Array.from({ length: count }, (_, nr) => ({
        title: `${canary} ${nr}`,
        description: nr % 2 === 0 ? canary : null,
        tags: [canary, `${canary} ${nr % 3}`],
        due: DUE_DATES[nr % DUE_DATES.length] ?? null,
        listId: ids.lists.length > 0 ? random.pick([null, ...ids.lists]) : null,
      })),
      ...newMutationId(),
    })
    for (const { id } of tasks.slice(0, 3)) await client.tasks.delete.mutate({ id, ...newMutationId() })
  }
  async function addLists(count: number): Promise<void> {
    for (let nr = 0; nr < count; nr++) {
      const { id } = await client.lists.create.mutate({ name: `${canary} ${random.below(1e9)}`, ...newMutationId() })
      ids.lists.push(id)
    }
  }

  const seeded: SeededUser = {
    user,
    headers: { authorization: `Bearer ${user.token}` },
    ids,
    head: 0,
    canaries: [canary, user.email],
    reusedIds: new Set(),
    async refresh() {
      ids.lists = (await client.lists.list.query({ limit: 100 })).items.map(({ id }) => id)
      if (ids.lists.length < 5) await addLists(5)
      let tasks = await client.tasks.list.query({ limit: 100, filter: { trash: 'with' } })
      if (tasks.items.length < 30) {
        await addTasks(30)
        tasks = await client.tasks.list.query({ limit: 100, filter: { trash: 'with' } })
      }
      ids.tasks = tasks.items.map(({ id }) => id)
      seeded.head = tasks.revision
      ids.keys = (await client.keys.list.query({})).items.map(({ id }) => id)
      while (ids.keys.length < 3) {
        const { key } = await client.keys.create.mutate({ name: canary, scopes: ['account'], ...newMutationId() })
        ids.keys.push(key.id)
      }
      ids.mutations = ids.mutations.slice(-50)
      const pages = [
        await client.tasks.list.query({ limit: 1 }),
        await client.lists.list.query({ limit: 1 }),
        await client.tags.list.query({ limit: 1 }),
        await client.keys.list.query({ limit: 1 }),
      ]
      ids.cursors = pages.flatMap(({ nextCursor }) => nextCursor ?? [])
    },
    makeUnusedId(id, chance) {
      if (/^[0-9a-f-]{36}$/.test(id)) return chance.uuid()
      // A cursor contains the id of its user.
      const text = Buffer.from(id, 'base64url').toString()
      return Buffer.from(text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, chance.uuid())).toString('base64url')
    },
  }
  await seeded.refresh()
  return seeded
}
