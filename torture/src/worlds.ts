import type { TestService, TestUser } from '@taskwire/api/testing'
import { createClient } from '@taskwire/client'
import type { Random } from './random.ts'

/** What names things of a user's. */
export interface Names {
  tasks: string[]
  lists: string[]
  keys: string[]
  mutations: string[]
  cursors: string[]
  users: string[]
  /** That stand in texts of theirs alone. */
  words: string[]
}

/** A user with some of everything. */
export interface World {
  user: TestUser
  /** Of their session. */
  headers: Record<string, string>
  names: Names
  head: number
  /** Stand in every text of theirs, and in nobody else's. */
  canaries: string[]
  /** Names of another's that this user has come to use for things of their own. */
  taken: Set<string>
  /** Looks again at what there is, and makes more where little is left. */
  refresh(): Promise<void>
  /** The same name, of nobody. */
  nobodys(name: string, random: Random): string
}

const DAYS = [null, { date: '2026-11-22' }, { date: '2026-12-24', time: '09:30', timeZone: 'Europe/Berlin' }]

export async function growWorld(service: TestService, random: Random): Promise<World> {
  const canary = `c${random.uuid().replaceAll('-', '')}`
  const user = await service.signUp(canary)
  const client = createClient({ url: service.url, token: user.token })
  const names: Names = { tasks: [], lists: [], keys: [], mutations: [], cursors: [], users: [user.id], words: [canary] }
  const mutation = (): { mutationId: string } => {
    const mutationId = random.uuid()
    names.mutations.push(mutationId)
    return { mutationId }
  }

  async function addTasks(count: number): Promise<void> {
    const { tasks } = await client.tasks.createMany.mutate({
      tasks: Array.from({ length: count }, (_, nr) => ({
        title: `${canary} ${nr}`,
        description: nr % 2 === 0 ? canary : null,
        tags: [canary, `${canary} ${nr % 3}`],
        due: DAYS[nr % DAYS.length] ?? null,
        listId: names.lists.length > 0 ? random.pick([null, ...names.lists]) : null,
      })),
      ...mutation(),
    })
    for (const { id } of tasks.slice(0, 3)) await client.tasks.delete.mutate({ id, ...mutation() })
  }
  async function addLists(count: number): Promise<void> {
    for (let nr = 0; nr < count; nr++) {
      const { id } = await client.lists.create.mutate({ name: `${canary} ${random.below(1e9)}`, ...mutation() })
      names.lists.push(id)
    }
  }

  const world: World = {
    user,
    headers: { authorization: `Bearer ${user.token}` },
    names,
    head: 0,
    canaries: [canary, user.email],
    taken: new Set(),
    async refresh() {
      names.lists = (await client.lists.list.query({ limit: 100 })).items.map(({ id }) => id)
      if (names.lists.length < 5) await addLists(5)
      let tasks = await client.tasks.list.query({ limit: 100, filter: { trash: 'with' } })
      if (tasks.items.length < 30) {
        await addTasks(30)
        tasks = await client.tasks.list.query({ limit: 100, filter: { trash: 'with' } })
      }
      names.tasks = tasks.items.map(({ id }) => id)
      world.head = tasks.revision
      names.keys = (await client.keys.list.query({})).items.map(({ id }) => id)
      while (names.keys.length < 3) {
        const { key } = await client.keys.create.mutate({ name: canary, scopes: ['account'], ...mutation() })
        names.keys.push(key.id)
      }
      names.mutations = names.mutations.slice(-50)
      const pages = [
        await client.tasks.list.query({ limit: 1 }),
        await client.lists.list.query({ limit: 1 }),
        await client.tags.list.query({ limit: 1 }),
        await client.keys.list.query({ limit: 1 }),
      ]
      names.cursors = pages.flatMap(({ nextCursor }) => nextCursor ?? [])
    },
    nobodys(name, chance) {
      if (/^[0-9a-f-]{36}$/.test(name)) return chance.uuid()
      // A cursor, that says whose it is.
      const text = Buffer.from(name, 'base64url').toString()
      return Buffer.from(text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, chance.uuid())).toString('base64url')
    },
  }
  await world.refresh()
  return world
}
