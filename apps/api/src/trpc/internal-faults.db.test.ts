import { afterAll, afterEach, expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { refusalOf, send, type Received } from '../testing/wire.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())
const { token } = await service.signUp()

const PLANTED = 'planted-title'
async function call(path: string, input: unknown, method = 'POST'): Promise<Received> {
  const text = JSON.stringify(input)
  return await send(service.url, {
    method,
    path: method === 'GET' ? `/trpc/${path}?input=${encodeURIComponent(text)}` : `/trpc/${path}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: text }),
  })
}

const undo: string[] = []
/** Breaks this database by SQL; `repair` runs after the test. */
async function breakBy(text: string, repair: string): Promise<void> {
  undo.push(repair)
  await service.admin(text)
}
afterEach(async () => {
  for (const text of undo.splice(0).toReversed()) await service.admin(text)
})

const INTERNAL =
  'Something went wrong in the service. Send the call again; if it is a mutation, with the same mutationId.'
/** No response and no log line may contain any of this. */
const INTERNALS = /select|insert|update |tw\.|task_json|permission denied|planted|PostgresError:|violates/i

async function expectFixedError(answer: Received): Promise<void> {
  const data = refusalOf(answer)
  const { text } = answer
  expect(data).toEqual({
    code: 'INTERNAL_SERVER_ERROR',
    httpStatus: 500,
    appCode: 'INTERNAL',
    requestId: answer.headers['x-request-id'],
    retryable: true,
    message: INTERNAL,
    number: -32_603,
  })
  expect(text).not.toMatch(INTERNALS)
  const lines = service.log.filter((line) => line.includes(data.requestId))
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.join()).toContain('"appCode":"INTERNAL"')
  for (const line of lines) expect(line.replaceAll(/"stack":"[^"]*"/g, '')).not.toMatch(INTERNALS)
}

test('a missing privilege is INTERNAL', async () => {
  await breakBy('revoke select on tw.tasks from taskwire_app', 'grant select on tw.tasks to taskwire_app')
  await expectFixedError(await call('tasks.list', { filter: { search: PLANTED } }, 'GET'))
  await expectFixedError(await call('tasks.create', { title: PLANTED }))
})

test('a missing function is INTERNAL', async () => {
  await breakBy(
    'alter function tw.task_json rename to task_json_away',
    'alter function tw.task_json_away rename to task_json',
  )
  await expectFixedError(await call('tasks.create', { title: PLANTED }))
})

test('the violation of a constraint that the contract does not know is INTERNAL', async () => {
  await breakBy(
    `alter table tw.changes add constraint changes_extra_check check (after->>'title' is distinct from '${PLANTED}')`,
    'alter table tw.changes drop constraint changes_extra_check',
  )
  await expectFixedError(await call('tasks.create', { title: PLANTED }))
})

test('an error whose message contains the input is INTERNAL', async () => {
  await breakBy(
    `create function pg_temp_free() returns trigger language plpgsql as $$ begin raise exception 'no %', new.title; end $$;
     create trigger planted before insert on tw.tasks for each row execute function pg_temp_free()`,
    'drop trigger planted on tw.tasks; drop function pg_temp_free()',
  )
  await expectFixedError(await call('tasks.create', { title: PLANTED }))
})

test('a call of a batch fails, and the others succeed', async () => {
  await breakBy('revoke select on tw.lists from taskwire_app', 'grant select on tw.lists to taskwire_app')
  const answer = await send(service.url, {
    path: `/trpc/lists.list,me.get?batch=1&input=${encodeURIComponent('{"0":{},"1":{}}')}`,
    headers: { authorization: `Bearer ${token}` },
  })
  const [failed, fine] = JSON.parse(answer.text) as { error?: { data: { appCode: string } } }[]
  expect(failed?.error?.data.appCode).toBe('INTERNAL')
  expect(fine?.error).toBeUndefined()
})

test('the next call succeeds', async () => {
  expect((await call('tasks.create', { title: PLANTED })).status).toBe(200)
  expect((await call('tasks.list', {}, 'GET')).text).toContain(PLANTED)
})

test('a failed sign-up has the error body of sign-in', async () => {
  await breakBy('revoke insert on auth.users from taskwire_auth', 'grant insert on auth.users to taskwire_auth')
  const answer = await send(service.url, {
    method: 'POST',
    path: '/auth/sign-up/email',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${PLANTED}@example.com`, password: 'planted-password', name: 'planted' }),
  })
  expect(answer.status).toBe(500)
  expect(Object.keys(JSON.parse(answer.text) as object).toSorted()).toEqual(['code', 'message'])
  expect(answer.text).not.toMatch(INTERNALS)
  expect(service.log.join()).not.toMatch(/planted-password|planted@/)
})
