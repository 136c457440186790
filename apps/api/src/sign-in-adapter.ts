import { type DatabaseError, databaseError, type Row, type SQL, sql, type Statements, statement } from '@taskwire/db'
import { accounts, sessions, users, verifications } from '@taskwire/db/schema'
import type { BetterAuthOptions, DBAdapter } from 'better-auth'
import { type AdapterFactoryConfig, type CustomAdapter, createAdapterFactory } from 'better-auth/adapters'
import { eq, getColumns, gt, lt } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import { v7 as uuidv7 } from 'uuid'
import { credentialHash } from './credential.ts'

const TABLES = new Map<string, PgTable>(Object.entries({ users, sessions, accounts, verifications }))
const COMPARISONS = new Map(Object.entries({ eq, gt, lt }))
/** better-auth's `token`, as the session's option `fields` renames it: the one value that is not stored as it is. */
const TOKEN = 'tokenHash'

/** Where the sign-in's statements go: each alone, and within a deadline. */
export type Send = Statements['query']

/** Builds statements; it is connected to nothing. */
export const build: ReturnType<typeof drizzle.mock> = drizzle.mock()

type OnFailure = (failure: DatabaseError) => void

/**
 * What better-auth keeps its records with, in place of its own Drizzle adapter.
 *
 * - A session's token is hashed on its way in, and stands again only in a row that was asked for by
 *   it. Nothing can list tokens, so whatever goes by such a list does not work.
 * - The writes of a transaction are sent as one statement, at its end. So no connection waits while
 *   a password is hashed, and one that breaks cannot leave half of them behind.
 * - A failed statement is told to `onFailure`, since the library takes some of them for an absent
 *   row: it would call a sign-out that did not happen a success.
 *
 * It can do what the open endpoints need, and throws at anything else.
 */
export function signInAdapter(send: Send, onFailure: OnFailure): (options: BetterAuthOptions) => DBAdapter {
  const config: AdapterFactoryConfig = {
    adapterId: 'taskwire',
    usePlural: true,
    // The columns give and take text.
    supportsDates: false,
    customIdGenerator: () => uuidv7(),
  }
  const write = async (query: SQL) => {
    await attempt(send, query, onFailure)
  }
  return (options) =>
    createAdapterFactory({
      adapter: () => createRecords(send, { write, onFailure }),
      config: {
        ...config,
        transaction: async (work) => {
          const writes: SQL[] = []
          const failures: DatabaseError[] = []
          const records = createRecords(send, {
            write: async (query) => {
              writes.push(query)
            },
            onFailure: (failure) => {
              failures.push(failure)
              onFailure(failure)
            },
          })
          const result = await work(createAdapterFactory({ adapter: () => records, config })(options))
          // Even if the library went on: it did not know what was there.
          for (const failure of failures) throw failure
          if (writes.length > 0) await write(together(writes))
          return result
        },
      },
    })(options)
}

/** One statement that does all of them or none. They see the same rows, not each other's. */
function together(writes: SQL[]): SQL {
  const parts = writes.map((write, i) => sql`${sql.identifier(`write_${i}`)} as (${write})`)
  return sql`with ${sql.join(parts, sql`, `)} select`
}

/** Runs a statement; what is thrown is a DatabaseError, whose words may be told. */
export async function attempt(send: Send, query: SQL, onFailure: OnFailure): Promise<Row[]> {
  try {
    return await send(statement(query))
  } catch (error) {
    const failure = databaseError(error)
    onFailure(failure)
    throw failure
  }
}

type Target = Parameters<CustomAdapter['delete']>[0]
type Condition = Target['where'][number]

interface Route {
  write: (query: SQL) => Promise<void>
  onFailure: OnFailure
}

function createRecords(send: Send, { write, onFailure }: Route): CustomAdapter {
  async function select<T>(model: string, where: Condition[], limit?: number): Promise<T[]> {
    const table = tableOf(model)
    const columns = Object.entries(getColumns(table)).map(([name, column]) => sql`${column} as ${sql.identifier(name)}`)
    const query = sql`select ${sql.join(columns, sql`, `)} from ${table} where ${matching(table, where)}`
    const rows = await attempt(send, limit === undefined ? query : sql`${query} limit ${limit}`, onFailure)
    const token = where.find(({ field }) => field === TOKEN)?.value ?? 'not kept'
    // The library names the type of the rows that its own tables have.
    return rows.map((row) => (TOKEN in row ? { ...row, [TOKEN]: token } : row)) as T[]
  }

  return {
    async create({ model, data }) {
      const table = tableOf(model)
      await write(build.insert(table).values(stored(data)).getSQL())
      const absent = Object.fromEntries(Object.keys(getColumns(table)).map((name) => [name, null]))
      return { ...absent, ...data }
    },
    async findOne<T>({ model, where }: Target) {
      const [row] = await select<T>(model, where, 1)
      return row ?? null
    },
    async findMany({ model, where = [], limit, sortBy, offset }) {
      if (sortBy || offset) throw new Error('The sign-in adapter keeps no order')
      return await select(model, where, limit)
    },
    async update<T>({ model, where, update }: Target & { update: T }) {
      const table = tableOf(model)
      const [row] = await select<T>(model, where, 1)
      if (!row) return null
      await write(build.update(table).set(stored(update)).where(matching(table, where)).getSQL())
      return { ...row, ...update }
    },
    async delete({ model, where }) {
      const table = tableOf(model)
      await write(build.delete(table).where(matching(table, where)).getSQL())
    },
    async deleteMany({ model, where }) {
      const table = tableOf(model)
      const rows = await select(model, where)
      await write(build.delete(table).where(matching(table, where)).getSQL())
      return rows.length
    },
    updateMany: notNeeded,
    count: notNeeded,
  }
}

async function notNeeded(): Promise<never> {
  throw new Error('No open endpoint of the sign-in needs this')
}

function tableOf(model: string): PgTable {
  const table = TABLES.get(model)
  if (!table) throw new Error(`The sign-in has no table ${model}`)
  return table
}

function stored(row: unknown): Record<string, unknown> {
  const values: Record<string, unknown> = { ...(typeof row === 'object' ? row : {}) }
  return TOKEN in values ? { ...values, [TOKEN]: credentialHash(String(values[TOKEN])) } : values
}

function matching(table: PgTable, where: Condition[]): SQL {
  if (where.length === 0) throw new Error('The sign-in adapter does not go over all rows')
  const conditions = where.map(({ field, operator = 'eq', value, connector, mode }) => {
    const column = getColumns(table)[field]
    const compare = COMPARISONS.get(operator)
    if (!column || !compare || value === null || connector === 'OR' || mode === 'insensitive')
      throw new Error(`The sign-in adapter has no condition ${operator} on ${field}`)
    return compare(column, field === TOKEN ? credentialHash(String(value)) : value)
  })
  return sql.join(conditions, sql` and `)
}
