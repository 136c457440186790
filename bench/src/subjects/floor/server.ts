import Fastify from 'fastify'
import postgres from 'postgres'
import { compile, create, get, list, page, RANKS, search, update } from '../database/statements.ts'

/**
 * The lower bound: Fastify as in https://fastify.dev/docs/latest/Guides/Getting-Started/, and one prepared
 * postgres.js statement per call (https://github.com/porsager/postgres#readme). It trusts the caller,
 * validates nothing and logs nothing.
 */
const { DATABASE_URL = '', PORT = '0', POOL_MAX = '20' } = process.env
const sql = postgres(DATABASE_URL, { max: Number(POOL_MAX) })
const app = Fastify()

type Values = Record<string, string | number | string[] | null>
function statement(build: Parameters<typeof compile>[0]): (values: Values) => Promise<readonly unknown[]> {
  const { text, names } = compile(build)
  return async (values) =>
    await sql.unsafe(
      text,
      names.map((name) => values[name] ?? null),
      { prepare: true },
    )
}
const statements = {
  get: statement(get),
  list: statement(list),
  page: statement(page),
  search: statement(search),
  create: statement(create),
  update: statement(update),
}

interface Body {
  id: string
  mutationId: string
  title: string
  description: string
  priority: string
  tags: string[]
  due: { date: string }
}
const userOf = (headers: Record<string, unknown>): string => String(headers['x-user'])

app.get<{ Querystring: { n: string } }>('/nothing', async ({ query }) => ({ n: Number(query.n) }))

app.get<{ Params: { id: string } }>('/tasks/:id', async ({ headers, params }) => {
  const [task] = await statements.get({ user: userOf(headers), id: params.id })
  return task
})

app.get<{ Querystring: { createdAt?: string; id?: string } }>('/tasks', async ({ headers, query }) => {
  const { createdAt, id } = query
  const user = userOf(headers)
  return createdAt === undefined || id === undefined
    ? await statements.list({ user })
    : await statements.page({ user, createdAt, id })
})

app.get<{ Querystring: { words: string } }>('/search', async ({ headers, query }) => {
  const [first = '', second = ''] = query.words.split(' ')
  return await statements.search({ user: userOf(headers), first, second })
})

app.post<{ Body: Body }>('/tasks', async ({ headers, body }) => {
  const { id, mutationId, title, description, priority, tags, due } = body
  const [task] = await statements.create({
    user: userOf(headers),
    mutation: mutationId,
    id,
    title,
    description,
    priority: RANKS.indexOf(priority),
    tags,
    due: due.date,
  })
  return task
})

app.patch<{ Params: { id: string }; Body: Body }>('/tasks/:id', async ({ headers, params, body }) => {
  const { mutationId, title, priority } = body
  const values = { id: params.id, mutation: mutationId, title, priority: RANKS.indexOf(priority) }
  const [task] = await statements.update({ user: userOf(headers), ...values })
  return task
})

app.post<{ Body: { ids: string[] } }>('/batch', async ({ headers, body }) => {
  const user = userOf(headers)
  return await Promise.all(body.ids.map(async (id) => (await statements.get({ user, id }))[0]))
})

await app.listen({ host: '127.0.0.1', port: Number(PORT) })
