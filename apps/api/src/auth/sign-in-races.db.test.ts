import { afterAll, describe, expect, test } from 'vitest'
import { credentialHash } from './credential.ts'
import { createPasswordHashing } from './password-hashing.ts'
import { makeResetLink } from './reset-links.ts'
import { type SignInOptions } from './sign-in.ts'
import { NEW, OLD, startRacingSignIn } from './testing/racing-sign-in.ts'
import { extendSession } from './sign-in-sessions.ts'

const env = await startRacingSignIn()
const { database, admin, statements, create, send, account, countSessions, signIn, change } = env
afterAll(() => env[Symbol.asyncDispose]())

/** Creates a service that pauses before its first statement with this text, until `resume()` is called. */
function pausedBefore(text: string) {
  const reached = Promise.withResolvers<void>()
  const resume = Promise.withResolvers<void>()
  let first = true
  const query: SignInOptions['query'] = async (statement) => {
    if (first && statement.text.includes(text)) {
      first = false
      reached.resolve()
      await resume.promise
    }
    return await statements.query(statement)
  }
  return { service: create({ query }), reached: reached.promise, resume: resume.resolve }
}

describe('if, between a check and its action,', () => {
  test('the password is changed, a sign-in with the old one fails', async () => {
    const { email, token } = await account()
    const paused = pausedBefore('begin_session')
    const pending = signIn(email, OLD, { to: paused.service })
    await paused.reached
    expect((await change(token)).status).toBe(200)
    paused.resume()
    expect(await pending).toMatchObject({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' })
    expect(await admin`select from auth.sessions s join auth.users u on u.id = user_id where email = ${email}`).toEqual(
      [],
    )
  })

  test('the account is deleted, the sign-in fails', async () => {
    const { email } = await account()
    const paused = pausedBefore('begin_session')
    const pending = signIn(email, OLD, { to: paused.service })
    await paused.reached
    await admin`delete from auth.users where email = ${email}`
    paused.resume()
    expect(await pending).toMatchObject({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' })
  })

  test('another sign-in renews the hash, both succeed', async () => {
    const { email } = await account()
    const older = await createPasswordHashing({ N: 4, r: 1, p: 1 }).hash(OLD)
    await admin`update auth.accounts a set password = ${older} from auth.users u where u.id = a.user_id and u.email = ${email}`
    const paused = pausedBefore('begin_session')
    const pending = signIn(email, OLD, { to: paused.service })
    await paused.reached
    expect((await signIn(email, OLD)).status).toBe(200)
    paused.resume()
    expect((await pending).status).toBe(200)
    const rows =
      await admin`select password from auth.accounts a join auth.users u on u.id = a.user_id where u.email = ${email}`
    expect(rows).toEqual([{ password: expect.stringMatching(/^scrypt\$2\$1\$1\$/) }])
  })

  test.each([
    ['is signed out', async (token: string) => await send('sign-out', undefined, { token })],
    [
      'expires',
      async (token: string) =>
        await admin`update auth.sessions set expires_at = now() where token_hash = ${credentialHash(token)}`,
    ],
  ])('the session %s, the password change fails', async (_, end) => {
    const { email, token } = await account()
    const paused = pausedBefore('change_password')
    const pending = change(token, NEW, { to: paused.service })
    await paused.reached
    await end(token)
    paused.resume()
    expect((await pending).status).toBe(401)
    expect((await signIn(email, OLD)).status).toBe(200)
  })

  test('another session changes the password, that change stays', async () => {
    const { email, token } = await account()
    const { token: other } = await signIn(email, OLD)
    const paused = pausedBefore('change_password')
    const pending = change(token, 'a third password', { to: paused.service })
    await paused.reached
    expect((await change(other ?? '')).status).toBe(200)
    paused.resume()
    expect((await pending).status).toBe(401)
    expect((await signIn(email, NEW)).status).toBe(200)
  })

  test('the session is signed out, no other session is ended', async () => {
    const { email, token } = await account()
    const { token: other } = await signIn(email, OLD)
    const paused = pausedBefore('end_sessions')
    const pending = send('revoke-sessions', undefined, { to: paused.service, token })
    await paused.reached
    await send('sign-out', undefined, { token })
    paused.resume()
    expect((await pending).status).toBe(401)
    expect(await countSessions([other])).toBe(1)
  })

  test('the link expires, the password is not reset', async () => {
    const { email } = await account()
    const token = new URL(await makeResetLink(database.owner, email, 'https://tasks.example.com')).hash.slice(1)
    const paused = pausedBefore('reset_password')
    const pending = send('reset-password', { token, password: NEW }, { to: paused.service })
    await paused.reached
    await admin`update auth.password_resets set expires_at = now() where token_hash = ${credentialHash(token)}`
    paused.resume()
    expect(await pending).toMatchObject({ status: 400, code: 'INVALID_TOKEN' })
    expect((await signIn(email, OLD)).status).toBe(200)
  })

  test('the link is used, the password is not reset again', async () => {
    const { email } = await account()
    const token = new URL(await makeResetLink(database.owner, email, 'https://tasks.example.com')).hash.slice(1)
    const paused = pausedBefore('reset_password')
    const pending = send('reset-password', { token, password: 'a third password' }, { to: paused.service })
    await paused.reached
    expect((await send('reset-password', { token, password: NEW })).status).toBe(200)
    paused.resume()
    expect(await pending).toMatchObject({ status: 400, code: 'INVALID_TOKEN' })
    expect((await signIn(email, NEW)).status).toBe(200)
  })

  test('the password is reset, a sign-in with the old one fails', async () => {
    const { email } = await account()
    const token = new URL(await makeResetLink(database.owner, email, 'https://tasks.example.com')).hash.slice(1)
    const paused = pausedBefore('begin_session')
    const pending = signIn(email, OLD, { to: paused.service })
    await paused.reached
    expect((await send('reset-password', { token, password: NEW })).status).toBe(200)
    paused.resume()
    expect((await pending).status).toBe(401)
  })

  test('another sign-up takes the e-mail address, no second account is created', async () => {
    const email = 'eve@example.com'
    const paused = pausedBefore('sign_up')
    const pending = send('sign-up/email', { email, password: OLD, name: 'Eve' }, { to: paused.service })
    await paused.reached
    expect((await send('sign-up/email', { email, password: NEW, name: 'Ann' })).status).toBe(200)
    paused.resume()
    expect(await pending).toMatchObject({ status: 422, code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' })
    expect(await admin`select name from auth.users where email = ${email}`).toEqual([{ name: 'Ann' }])
  })
})

test('a session that was signed out is not extended', async () => {
  const { token } = await account()
  await send('sign-out', undefined, { token })
  await extendSession(statements.query, credentialHash(token))
  expect(await countSessions([token])).toBe(0)
})
