import { signOut } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

// Sends a NOTIFY for each extended session, since the service extends a session only after its reply.
await service.admin(
  `create function public.report_extension() returns trigger language plpgsql as $$ begin perform pg_notify('extended', new.user_id::text); return null; end $$;
   create trigger report_extension after update on auth.sessions for each row execute function public.report_extension()`,
)

async function setDaysLeft(userId: string, days: number): Promise<void> {
  await service.admin(`update auth.sessions set expires_at = now() + make_interval(hours => $1) where user_id = $2`, [
    Math.round(days * 24),
    userId,
  ])
}
async function daysLeft(userId: string): Promise<number> {
  const [row] = await service.admin(
    `select round(extract(epoch from expires_at - now()) / 86400, 1)::float8 as days from auth.sessions where user_id = $1`,
    [userId],
  )
  return Number(row?.['days'])
}

test('a session in use is extended to seven days when fewer than six are left', async () => {
  const { client, user } = await newCaller(service)
  await setDaysLeft(user.id, 5.9)
  await using listener = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { promise: extended, resolve } = Promise.withResolvers<string>()
  await listener.sql.listen('extended', resolve)
  await client.lists.list.query({})
  expect(await extended).toBe(user.id)
  expect(await daysLeft(user.id)).toBe(7)
})

test('a mutation with the cookie extends the session too', async () => {
  const { call, user } = await newCaller(service)
  await setDaysLeft(user.id, 0.5)
  await using listener = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { promise: extended, resolve } = Promise.withResolvers<string>()
  await listener.sql.listen('extended', resolve)
  await call('tasks.create', { title: 'x' }, { authorization: '', cookie: user.cookie })
  expect(await extended).toBe(user.id)
  expect(await daysLeft(user.id)).toBe(7)
})

test('a session with six days left is not extended', async () => {
  const [early, late] = [await newCaller(service), await newCaller(service)]
  await setDaysLeft(early.user.id, 6.2)
  await setDaysLeft(late.user.id, 1)
  await using listener = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { promise: extended, resolve } = Promise.withResolvers<string>()
  await listener.sql.listen('extended', resolve)
  await early.client.lists.list.query({})
  // If the first session were extended too, its notification would arrive first.
  await late.client.lists.list.query({})
  expect(await extended).toBe(late.user.id)
  expect(await daysLeft(early.user.id)).toBe(6.2)
})

test('a call with an expired session is UNAUTHENTICATED', async () => {
  const { call, user } = await newCaller(service)
  await service.admin('update auth.sessions set expires_at = now() where user_id = $1', [user.id])
  for (const headers of [{}, { authorization: '', cookie: user.cookie }])
    for (const path of ['lists.list', 'tags.rename'])
      expect((await call(path, { from: 'a', to: 'b' }, headers)).error?.data.appCode).toMatch(
        /UNAUTHENTICATED|VALIDATION/,
      )
  const { error } = await call('me.get', {})
  expect(error?.data).toMatchObject({ appCode: 'UNAUTHENTICATED', httpStatus: 401, retryable: false })
})

test('after a sign-out the next call is UNAUTHENTICATED, for that session only', async () => {
  const { call, user } = await newCaller(service)
  const second = await fetch(`${service.url}/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: user.email, password: user.password }),
  })
  const { token } = (await second.json()) as { token: string }
  expect((await call('lists.list', {})).error).toBeUndefined()
  await signOut({ url: service.url, token: user.token })
  expect((await call('lists.list', {})).error?.data.appCode).toBe('UNAUTHENTICATED')
  expect((await call('tasks.create', { title: 'x' })).error?.data.appCode).toBe('UNAUTHENTICATED')
  expect((await call('lists.list', {}, { authorization: '', cookie: user.cookie })).error?.data.appCode).toBe(
    'UNAUTHENTICATED',
  )
  expect((await call('lists.list', {}, { authorization: `Bearer ${token}` })).error).toBeUndefined()
})
