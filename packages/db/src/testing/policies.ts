import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from '../connection/address.ts'
import { connectOnce } from '../connection/connect.ts'
import type { TestDatabase } from './index.ts'
import { createWire } from './wire.ts'

/**
 * What keeps spaces and accounts apart: `first` is the predicate in every statement, `second` the database's row
 * security. With one of them alone the other is taken away, with `none` both are.
 */
export const WALLS = ['both', 'first', 'second', 'none'] as const
export type Walls = (typeof WALLS)[number]

export interface Walled extends AsyncDisposable {
  /** The service's address, by which it has these walls alone. */
  app: Address
}

/** Leaves a test's database these walls; the service that uses it is the product as it is. */
export async function leaveWalls(database: TestDatabase, walls: Walls): Promise<Walled> {
  if (walls === 'first' || walls === 'none') await openPolicies(database.admin)
  if (walls === 'both' || walls === 'first') return { app: database.app, async [Symbol.asyncDispose]() {} }
  // Once for each database: a test may have several services on one.
  if (!bare.has(database.name)) await removeFromFunctions(database.admin)
  bare.add(database.name)
  const proxy = await startRewriter(database.app, withoutPredicates)
  return { app: { ...database.app, host: '127.0.0.1', port: proxy.port }, [Symbol.asyncDispose]: proxy.close }
}

/** Databases whose functions are without their predicates. */
const bare = new Set<string>()

// The space that the call acts in, and the account that calls.
const PREDICATE = /\b(?:\w+\.)?(?:(?:space_id|id) = tw\.space\(\)|(?:user_id|id) = tw\.account\(\))/g
// In a function also by a variable or an argument, which EXECUTE has as a parameter; `s` is a row of tw.spaces.
const BY_VARIABLE = /\b(?:(?:\w+\.)?space_id|s\.id) = (?:(?:\w+\.)?\w+\b(?![.(])|\$\d)/g
// Clauses that a function is handed, and runs by EXECUTE, beside a predicate of its own.
const HANDED = /\|\| clauses \|\|/g

/** A statement that no longer says whose rows it means. */
export function withoutPredicates(text: string): string {
  return text.replace(PREDICATE, 'true')
}

/** The same of a function's text. */
export function functionWithoutPredicates(text: string): string {
  return withoutPredicates(text)
    .replace(BY_VARIABLE, 'true')
    .replace(HANDED, "|| replace(clauses, 't.space_id = tw.space()', 't.id = t.id') ||")
}

async function openPolicies(admin: Address): Promise<void> {
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

/** The functions that run as their caller read rows too; those of taskwire_definer have no policy to rely on. */
async function removeFromFunctions(admin: Address): Promise<void> {
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
  const functions = await connection.sql<{ definition: string }[]>`
    select pg_get_functiondef(oid) as definition from pg_proc where pronamespace = 'tw'::regnamespace and not prosecdef`
  const changed = functions
    .map(({ definition }) => ({ before: definition, after: functionWithoutPredicates(definition) }))
    .filter(({ before, after }) => before !== after)
  if (changed.length === 0) throw new Error('No function has a predicate to lose')
  for (const { after } of changed) await connection.sql.unsafe(after)
}

interface Rewriter {
  port: number
  close(): Promise<void>
}

/** Forwards to PostgreSQL, with each statement that a client prepares rewritten. Not for TLS. */
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

/** A Parse message is its letter, its length, a name, the statement, and the types of its parameters. */
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
