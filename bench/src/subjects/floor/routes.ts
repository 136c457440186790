import type { FastifyInstance } from 'fastify'
import type { Sql } from 'postgres'
import { type Conditions, conditionsOf, type Shape } from '../../load/shapes.ts'
import {
  type Compiled,
  create,
  get,
  list,
  page,
  type Parameter,
  RANKS,
  search,
  update,
  varied,
} from '../database/statements.ts'

/** What differs between the two floors. */
export interface Floor<Caller> {
  /** Returns the value of the parameter `user`. */
  callerOf(headers: Record<string, unknown>): Caller
  compile(build: (p: Parameter) => string): Compiled
  /** Called if a statement returns no row; may throw. */
  onNoRow?(caller: Caller, isOneTask: boolean): Promise<void>
}

type Values = Record<string, Conditions['values'][string] | number>
interface Body {
  id: string
  mutationId: string
  title: string
  description: string
  priority: string
  tags: string[]
  due: { date: string }
}

/** Adds the routes of a floor. Each call is one prepared statement (https://github.com/porsager/postgres#readme). */
export function addRoutes<Caller extends string | Buffer>(app: FastifyInstance, sql: Sql, floor: Floor<Caller>): void {
  const { callerOf } = floor
  const { run, runVaried } = createStatements(sql, floor)

  app.get<{ Querystring: { n: string } }>('/nothing', async ({ query }) => ({ n: Number(query.n) }))

  app.get<{ Params: { id: string } }>('/tasks/:id', async ({ headers, params }) => {
    const [task] = await run.get(callerOf(headers), { id: params.id })
    return task
  })

  app.get<{ Querystring: { createdAt?: string; id?: string } }>('/tasks', async ({ headers, query }) => {
    const { createdAt, id } = query
    const user = callerOf(headers)
    return createdAt === undefined || id === undefined
      ? await run.list(user, {})
      : await run.page(user, { createdAt, id })
  })

  app.get<{ Querystring: { shape: string } }>('/varied', async ({ headers, query }) => {
    // Written by calls.ts.
    return await runVaried(callerOf(headers), JSON.parse(query.shape) as Shape)
  })

  app.get<{ Querystring: { words: string } }>('/search', async ({ headers, query }) => {
    const [first = '', second = ''] = query.words.split(' ')
    return await run.search(callerOf(headers), { first, second })
  })

  app.post<{ Body: Body }>('/tasks', async ({ headers, body }) => {
    const { id, mutationId, title, description, priority, tags, due } = body
    const values = { mutation: mutationId, id, title, description, priority: RANKS.indexOf(priority), tags }
    const [task] = await run.create(callerOf(headers), { ...values, due: due.date })
    return task
  })

  app.patch<{ Params: { id: string }; Body: Body }>('/tasks/:id', async ({ headers, params, body }) => {
    const { mutationId, title, priority } = body
    const values = { id: params.id, mutation: mutationId, title, priority: RANKS.indexOf(priority) }
    const [task] = await run.update(callerOf(headers), values)
    return task
  })

  app.post<{ Body: { ids: string[] } }>('/batch', async ({ headers, body }) => {
    const user = callerOf(headers)
    return await Promise.all(body.ids.map(async (id) => (await run.get(user, { id }))[0]))
  })
}

type Run<Caller> = (caller: Caller, values: Values) => Promise<readonly unknown[]>

function createStatements<Caller extends string | Buffer>(sql: Sql, { compile, onNoRow }: Floor<Caller>) {
  function statement(build: (p: Parameter) => string, isOneTask: boolean): Run<Caller> {
    const { text, names } = compile(build)
    return async (caller, values) => {
      const parameters = names.map((name) => (name === 'user' ? caller : (values[name] ?? null)))
      const rows = await sql.unsafe(text, parameters, { prepare: true })
      if (rows.length === 0) await onNoRow?.(caller, isOneTask)
      return rows
    }
  }
  const run = {
    get: statement(get, true),
    list: statement(list, false),
    page: statement(page, false),
    search: statement(search, false),
    create: statement(create, true),
    update: statement(update, true),
  }
  const variedStatements = new Map<string, Run<Caller>>()
  async function runVaried(caller: Caller, { filter, sort, limit }: Shape): Promise<readonly unknown[]> {
    const { names, values } = conditionsOf(filter)
    const key = `${names.join()} ${sort.by} ${sort.direction}`
    const runOne = variedStatements.get(key) ?? statement(varied(names, sort), false)
    variedStatements.set(key, runOne)
    return await runOne(caller, { ...values, limit })
  }
  return { run, runVaried }
}
