import { randomUUID } from 'node:crypto'
import { type Access, type AnyProcedure, contract, type Scope } from '@taskwire/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestService, type TestUser } from '../testing.ts'

/**
 * Who may call what: every procedure of the contract by every kind of credential. A procedure that
 * is new to the contract has no input here, and fails until it has.
 */
const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

const id = randomUUID()
/** An input of each procedure that passes its schema, and changes nothing of a user who has nothing. */
const inputs: Record<string, unknown> = {
  'tasks.create': { title: 'x', listId: id },
  'tasks.createMany': { tasks: [{ title: 'x', listId: id }] },
  'tasks.get': { id },
  'tasks.list': {},
  'tasks.count': {},
  'tasks.update': { id, changes: { title: 'x' } },
  'tasks.complete': { id },
  'tasks.move': { id },
  'tasks.delete': { id },
  'tasks.restore': { id },
  'tasks.purge': { id },
  'tasks.bulk': { ids: [id], action: { type: 'delete' } },
  'lists.create': { name: 'x', after: id },
  'lists.update': { id, changes: { name: 'x' } },
  'lists.delete': { id, tasks: 'trash' },
  'lists.list': {},
  'tags.list': {},
  'tags.rename': { from: 'a', to: 'b' },
  'changes.list': { after: 0 },
  'changes.revert': { revision: 1 },
  'keys.create': { name: 'x', scopes: ['account'] },
  'keys.revoke': { id },
  'keys.list': {},
  'me.get': {},
  'me.update': { timeZone: 'UTC' },
  'me.export': {},
  'me.delete': {},
  'system.health': {},
  'system.contract': {},
}
/** As the contract's page says it, and not its table. */
const ACCESS: [RegExp, Access][] = [
  [/^system\./, 'public'],
  [/^(keys\.create|me\.delete)$/, 'session'],
  [/^(me|keys)\./, 'account'],
  [/^(tasks\.(get|list|count)|lists\.list|tags\.list|changes\.list)$/, 'tasks:read'],
  [/^(tasks|lists|tags|changes)\./, 'tasks:write'],
]
const accessTo = (path: string): Access => ACCESS.find(([pattern]) => pattern.test(path))?.[1] ?? 'session'

interface Credential {
  name: string
  headers: Record<string, string>
  /** What it may; all, or none. */
  scopes: readonly Scope[] | 'all'
}
const credentials: Credential[] = []
let user: TestUser

beforeAll(async () => {
  user = await service.signUp()
  credentials.push(
    { name: 'the session as a bearer', headers: { authorization: `Bearer ${user.token}` }, scopes: 'all' },
    { name: 'the session as a cookie', headers: { cookie: user.cookie }, scopes: 'all' },
  )
  const insert = async (table: string, kind: string, scopes: readonly Scope[]): Promise<string> => {
    const secret = `tw_${kind}_${randomUUID()}`
    const owner = table === 'tw.api_keys' ? [user.id] : []
    await service.admin(
      `insert into ${table} (${owner.length > 0 ? 'user_id, ' : ''}id, name, scopes, secret_hash, created_at)
       select ${owner.length > 0 ? '$3::uuid, ' : ''}gen_random_uuid(), $1, string_to_array($2, ','), sha256(convert_to($1, 'UTF8')), now()`,
      [secret, scopes.join(','), ...owner],
    )
    return secret
  }
  const sets: Scope[][] = [
    ['tasks:read'],
    ['tasks:write'],
    ['account'],
    ['tasks:read', 'tasks:write', 'account'],
    ['tasks:read', 'account'],
  ]
  for (const scopes of sets)
    credentials.push({
      name: `a key with ${scopes.join(', ')}`,
      headers: { authorization: `Bearer ${await insert('tw.api_keys', 'key', scopes)}` },
      scopes,
    })
  for (const scopes of sets.slice(0, 2))
    credentials.push({
      name: `a service's key with ${scopes.join(', ')}`,
      headers: {
        authorization: `Bearer ${await insert('tw.service_keys', 'service', scopes)}`,
        'x-taskwire-user': user.id,
      },
      scopes,
    })
})

function holds(access: Access, scopes: Credential['scopes']): boolean {
  if (access === 'public' || scopes === 'all') return true
  if (access === 'session') return false
  return scopes.includes(access) || (access === 'tasks:read' && scopes.includes('tasks:write'))
}

async function call(path: string, { kind }: AnyProcedure, headers: Record<string, string>): Promise<string> {
  const input = JSON.stringify(inputs[path])
  const address = `${service.url}/trpc/${path}${kind === 'query' ? `?input=${encodeURIComponent(input)}` : ''}`
  const response = await fetch(address, {
    method: kind === 'query' ? 'GET' : 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    ...(kind === 'query' ? {} : { body: input }),
  })
  const { error } = (await response.json()) as { error?: { data: { appCode: string } } }
  return error?.data.appCode ?? 'OK'
}

const procedures = Object.entries(contract).flatMap(([namespace, verbs]) =>
  Object.entries<AnyProcedure>(verbs).map(([verb, procedure]) => [`${namespace}.${verb}`, procedure] as const),
)
// Last, since it ends all of them.
const inOrder = procedures.toSorted(([a], [b]) => Number(a === 'me.delete') - Number(b === 'me.delete'))

test.each(inOrder)('%s', async (path, procedure) => {
  expect(procedure.input.safeParse(inputs[path]).success, 'its input here passes').toBe(true)
  expect(procedure.access).toBe(accessTo(path))

  const refusals = Object.fromEntries(
    await Promise.all(
      credentials
        // The first session to delete the account ends the other.
        .filter(({ name }) => path !== 'me.delete' || name !== 'the session as a cookie')
        .toSorted((a, b) => Number(a.scopes === 'all') - Number(b.scopes === 'all'))
        .map(async ({ name, headers, scopes }) => {
          const wanted = holds(procedure.access, scopes)
          if (wanted && path === 'me.delete') return [name, { wanted, allowed: true }] as const
          return [name, { wanted, allowed: (await call(path, procedure, headers)) !== 'FORBIDDEN' }] as const
        }),
    ),
  )
  for (const [name, { wanted, allowed }] of Object.entries(refusals))
    expect({ name, allowed }).toEqual({ name, allowed: wanted })

  const bad = { authorization: 'Bearer nobody' }
  const unknown = procedure.access === 'public' ? 'OK' : 'UNAUTHENTICATED'
  expect(await call(path, procedure, {})).toBe(unknown)
  expect(await call(path, procedure, bad)).toBe(unknown)

  if (procedure.access === 'public') return
  const service1 = credentials.find(({ name }) => name.startsWith("a service's key with tasks:write"))
  const { authorization = '' } = service1?.headers ?? {}
  const others = { missing: {}, unknown: { 'x-taskwire-user': randomUUID() }, odd: { 'x-taskwire-user': "x' or 1=1" } }
  for (const [what, header] of Object.entries(others))
    expect([what, await call(path, procedure, { authorization, ...header })]).toEqual([what, 'FORBIDDEN'])
  for (const { name, headers } of credentials.slice(0, 7))
    expect([name, await call(path, procedure, { ...headers, 'x-taskwire-user': user.id })]).toEqual([name, 'FORBIDDEN'])
})
