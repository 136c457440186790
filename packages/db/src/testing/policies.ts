import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from '../connection/address.ts'
import { connectOnce } from '../connection/connect.ts'
import type { TestDatabase } from './test-database.ts'
import { createWire } from './wire.ts'

/**
 * Two layers keep spaces and accounts apart: the predicates in every statement (`space_id = tw.space()`), and row-level
 * security policies. A test may run with only one of them, or with none.
 */
export const ISOLATION_LAYERS = ['both', 'predicates', 'policies', 'none'] as const
export type IsolationLayers = (typeof ISOLATION_LAYERS)[number]

export interface IsolatedDatabase extends AsyncDisposable {
  /** The address for the service, at which only the chosen layers are effective. */
  app: Address
}

/** Removes the other layers of a test's database. The service itself is unchanged. */
export async function keepIsolation(database: TestDatabase, layers: IsolationLayers): Promise<IsolatedDatabase> {
  if (layers === 'predicates' || layers === 'none') await makePoliciesAllowAll(database.admin)
  if (layers === 'both' || layers === 'predicates') return { app: database.app, async [Symbol.asyncDispose]() {} }
  // Once for each database, since a test may run several services on one.
  if (!withoutFunctionPredicates.has(database.name)) await removeFunctionPredicates(database.admin)
  withoutFunctionPredicates.add(database.name)
  const proxy = await startRewriter(database.app, withoutPredicates)
  return { app: { ...database.app, host: '127.0.0.1', port: proxy.port }, [Symbol.asyncDispose]: proxy.close }
}

/** The names of databases whose functions have lost their predicates. */
const withoutFunctionPredicates = new Set<string>()

// A comparison with the space that the call acts in, or with the caller's account.
const PREDICATE = /\b(?:\w+\.)?(?:(?:space_id|id) = tw\.space\(\)|(?:user_id|id) = tw\.account\(\))/g
// A function also compares with a variable, an argument or a parameter of EXECUTE; `s` is a row of tw.spaces.
const BY_VARIABLE = /\b(?:(?:\w+\.)?space_id|s\.id) = (?:(?:\w+\.)?\w+\b(?![.(])|\$\d)/g
// tw.bulk_tasks() also runs clauses that it receives as a parameter. Their predicate is replaced when the function runs.
const CLAUSES = /\|\| clauses \|\|/g

/** Replaces the predicates of a statement by `true`. */
export function withoutPredicates(text: string): string {
  return text.replace(PREDICATE, 'true')
}

/** Replaces the predicates in the text of a function by `true`. */
export function functionWithoutPredicates(text: string): string {
  return withoutPredicates(text)
    .replace(BY_VARIABLE, 'true')
    .replace(CLAUSES, "|| replace(clauses, 't.space_id = tw.space()', 't.id = t.id') ||")
}

async function makePoliciesAllowAll(admin: Address): Promise<void> {
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
  await connection.sql.unsafe(`do $$
    declare p record; n int := 0;
    begin
      for p in select * from pg_policies where 'taskwire_app' = any (roles) loop
        execute format('alter policy %I on %I.%I using (true) with check (true)', p.policyname, p.schemaname, p.tablename);
        n := n + 1;
      end loop;
      if n = 0 then raise 'there are no policies'; end if;
    end $$`)
}

/**
 * Removes the predicates from the functions in `tw`, except from those that run as taskwire_definer: policies do not limit
 * that role, so these would be left without any isolation.
 */
async function removeFunctionPredicates(admin: Address): Promise<void> {
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
  const functions = await connection.sql<{ definition: string }[]>`
    select pg_get_functiondef(oid) as definition from pg_proc where pronamespace = 'tw'::regnamespace and not prosecdef`
  const changed = functions
    .map(({ definition }) => ({ before: definition, after: functionWithoutPredicates(definition) }))
    .filter(({ before, after }) => before !== after)
  if (changed.length === 0) throw new Error('No function has a predicate')
  for (const { after } of changed) await connection.sql.unsafe(after)
}

interface Rewriter {
  port: number
  close(): Promise<void>
}

/** Starts a proxy to PostgreSQL that rewrites each statement that a client prepares. Not for TLS. */
async function startRewriter(to: Address, rewrite: (text: string) => string): Promise<Rewriter> {
  const open = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect({ host: to.host, port: to.port, noDelay: true })
    client.setNoDelay(true)
    const { frontend } = createWire(() => {})
    client.on('data', (bytes: Buffer) => {
      for (const message of frontend(bytes)) server.write(rewritten(message, rewrite))
    })
    server.on('data', (bytes: Buffer) => client.write(bytes))
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    // A TCP server's address is never a string.
    port: (listener.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

const PARSE = 'P'.charCodeAt(0)

/**
 * Rewrites the statement in a Parse message, which consists of a letter, its length, a name, the statement, and the types of
 * the parameters.
 */
function rewritten(message: Buffer, rewrite: (text: string) => string): Buffer {
  if (message[0] !== PARSE) return message
  const start = message.indexOf(0, 5) + 1
  const end = message.indexOf(0, start)
  const text = message.toString('utf8', start, end)
  const body = Buffer.concat([message.subarray(5, start), Buffer.from(rewrite(text)), message.subarray(end)])
  const head = Buffer.alloc(5)
  head[0] = PARSE
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
