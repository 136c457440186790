import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { createClient } from '@taskwire/client'
import type { Address } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { startTestIssuer } from '../testing/issuer.ts'
import { startTestService } from '../testing/service.ts'
import { runUserCommand } from './user-commands.ts'

const issuer = await startTestIssuer()
// The commands log in as the owner, whom no policy restricts: without the predicates they would change every account.
const service = await startTestService({ env: issuer.env, isolation: 'both' })
const directory = await mkdtemp(join(tmpdir(), 'taskwire-users-'))
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

/** Runs a command; returns what it printed. */
async function user(verb: string, ...args: string[]): Promise<{ out: string[]; notes: string[]; error?: string }> {
  const [out, notes]: [string[], string[]] = [[], []]
  const terminal = {
    withOwner: async <T>(work: (owner: Address) => Promise<T>) => await work(service.database.owner),
    print: (line: string) => void out.push(line),
    note: (line: string) => void notes.push(line),
  }
  try {
    await runUserCommand(verb, args, terminal)
    return { out, notes }
  } catch (error) {
    return { out, notes, error: error instanceof Error ? error.message : String(error) }
  }
}

const newId = (): string => `user|${randomUUID()}`
const statusFor = async (externalId: string): Promise<number> =>
  (
    await fetch(`${service.url}/trpc/tasks.list`, {
      headers: { authorization: `Bearer ${await issuer.sign(externalId)}` },
    })
  ).status

test('a file that is not UTF-8, and one that names a column twice, are refused: two ids must not become one', async () => {
  const file = join(directory, 'users.csv')
  const id = randomUUID()
  await writeFile(file, Buffer.from(`externalId,name\n${id}-Jos\xe9,a\n${id}-Jos\xe8,b\n`, 'latin1'))
  expect(await user('import', file)).toMatchObject({ error: expect.stringContaining('UTF-8') })
  await writeFile(file, `externalId,name,name\n${id},a,b\n`)
  expect(await user('import', file)).toMatchObject({ error: expect.stringContaining('twice') })
  expect((await user('list')).out.join()).not.toContain(id)
})

test('an account is created, disabled, enabled and erased, by either id', async () => {
  const externalId = newId()
  const created = await user(
    'create',
    externalId,
    '--name',
    'Ada',
    '--email',
    'a@example.com',
    '--time-zone',
    'Asia/Tokyo',
  )
  const [id = ''] = created.out
  expect((await user('list')).out).toContain(
    [id, externalId, 'Ada', 'a@example.com', 'Asia/Tokyo', 'active'].join('\t'),
  )
  expect(await user('create', externalId, '--name', 'Ada')).toMatchObject({
    error: expect.stringContaining('There is an account with this externalId'),
  })
  expect(await statusFor(externalId)).toBe(200)
  expect(await user('disable', externalId)).toEqual({ out: [], notes: [`Disabled the account ${externalId}`] })
  expect(await statusFor(externalId)).toBe(401)
  expect((await user('list')).out).toContainEqual(expect.stringMatching(new RegExp(`^${id}.*disabled$`)))
  await user('enable', '--id', id)
  expect(await statusFor(externalId)).toBe(200)
  expect(await user('delete', '--id', id)).toEqual({ out: [], notes: [`Erased the account ${id}`] })
  expect(await user('disable', externalId)).toMatchObject({
    error: `${externalId}: There is no account with this id or externalId.`,
  })
})

test('the service key that a command uses is deleted', async () => {
  await user('list')
  expect(await service.admin(`select name from tw.service_keys where name like 'taskwire-admin%'`)).toEqual([])
})

test.each([
  [['create', 'x'], 'user create needs --name NAME.'],
  [['create', 'x', '--name', ''], 'The input is not valid: name is empty'],
  [['create', 'x', '--name', 'x', '--email', 'no'], 'The input is not valid: email is not an e-mail address'],
  [['create', 'x', '--name', 'x', '--time-zone', 'Moon'], 'The input is not valid: timeZone'],
  [['disable'], 'user disable takes EXTERNAL_ID'],
  [['delete', '--id', 'x'], 'The input is not valid: id is not a UUID'],
  [['delete', 'x', '--id', randomUUID()], 'user delete takes no arguments'],
  [['list', 'all'], 'user list takes no arguments'],
  [['show'], 'user takes create'],
])('%j is refused: %s', async ([verb = '', ...args], reason) => {
  expect(await user(verb, ...args)).toMatchObject({ error: expect.stringContaining(reason) })
})

test('an import creates and updates accounts, and reports the rows that it refuses', async () => {
  const file = join(directory, 'users.csv')
  const [known, fresh, quoted] = [newId(), newId(), newId()]
  const { me } = createClient({ url: service.url, token: await issuer.sign(known, { name: 'Before' }) })
  const before = await me.get.query()
  const rows = [
    '\ufeffexternalId,name,timeZone,email',
    `${known},After,,`,
    `${fresh},Ben,Europe/Berlin,ben@example.com`,
    `"${quoted}","Curie, Marie",UTC,`,
    '',
    ',Nobody,,',
    `${newId()},Eve,Moon,`,
  ]
  await writeFile(file, rows.join('\r\n'))
  expect(await user('import', file)).toEqual({
    out: [],
    notes: ['2 accounts created, 1 updated, 0 unchanged'],
    error: [
      '2 rows refused:',
      'line 6: The input is not valid: externalId is empty; give at least one character that is not a blank',
      'line 7: The input is not valid: timeZone is not a time zone of the IANA database, such as Europe/Berlin',
    ].join('\n'),
  })
  expect((await user('import', file)).notes).toEqual(['0 accounts created, 0 updated, 3 unchanged'])
  expect(await me.get.query()).toEqual({ ...before, name: 'After' })
  expect((await user('list')).out).toContainEqual(
    expect.stringContaining([quoted, 'Curie, Marie', '', 'UTC'].join('\t')),
  )
})

test('an import refuses an externalId with blanks at its ends; around other cells, blanks are ignored', async () => {
  const file = join(directory, 'blanks.csv')
  const id = newId()
  const ids = [`${id}\u00a0`, ` ${id}`, `"${id} "`, id]
  await writeFile(file, ['externalId , name', ...ids.map((cell) => `${cell}, Ada `), ''].join('\n'))
  expect(await user('import', file)).toMatchObject({
    notes: ['1 account created, 0 updated, 0 unchanged'],
    error: expect.stringMatching(/^3 rows refused:\nline 2: .*blank.*\nline 3: .*blank.*\nline 4: .*blank/),
  })
  expect((await user('list')).out).toContainEqual(expect.stringContaining(`${id}\tAda\t`))
})

test('an import hands accounts over to the next issuer', async () => {
  await using next = await startTestIssuer()
  await using other = await startTestService({ database: service.database, env: next.env, isolation: 'both' })
  const externalId = newId()
  expect(await statusFor(externalId)).toBe(200)
  const call = async () =>
    await fetch(`${other.url}/trpc/tasks.list`, {
      headers: { authorization: `Bearer ${await next.sign(externalId)}` },
    })
  expect((await call()).status).toBe(401)
  const file = join(directory, 'handed-over.csv')
  await writeFile(file, `externalId,name\n${externalId},Ada\n${newId()},Ben\n`)
  expect((await user('import', file)).notes).toEqual(['1 account created, 1 updated, 0 unchanged'])
  expect((await call()).status).toBe(200)
  expect(await statusFor(externalId)).toBe(401)
})

test.each([
  ['there is no such file', undefined],
  ['The first row has to name the columns', 'id,name\n1,x\n'],
  ['The first row has to name the columns', 'externalId,name,admin\n1,x,y\n'],
  ['is not a CSV file', 'externalId,name\n1,"x\n'],
])('a file is refused: %s', async (reason, text) => {
  const file = join(directory, 'bad.csv')
  await rm(file, { force: true })
  if (text !== undefined) await writeFile(file, text)
  expect(await user('import', file)).toMatchObject({ error: expect.stringContaining(reason) })
})
