import { startTestService } from '@taskwire/api/testing'
import type { Account, Task } from '@taskwire/client'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount } from '../testing/account.ts'
import { openTerminal } from '../testing/terminal.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

describe('account', () => {
  test('prints the account, and that this computer’s time zone differs', async () => {
    await using user = await account()
    const { code, out, err } = await user.with({ timeZone: 'America/Los_Angeles' })('account')
    expect({ code, err }).toEqual({
      code: 0,
      err: "The account's time zone is UTC, this computer's is America/Los_Angeles: days and times are read and shown in UTC. To change that: taskwire account --time-zone America/Los_Angeles\n",
    })
    expect(out).toMatch(
      new RegExp(
        `^Somebody\nE-mail +${user.user.email}\nTime zone +UTC\nCreated +\\S+ \\S+\nID +${user.user.id}\nService +${service.url}\n$`,
        'u',
      ),
    )
    expect((await user.json<Account>('account')).timeZone).toBe('UTC')
  })

  test.each([
    ['Etc/UTC', 'another name of the same zone'],
    ['Atlantic/Reykjavik', 'a zone with the same offset'],
    ['Etc/Unknown', 'not a time zone name'],
  ])('prints no note for a computer in %s: %s', async (timeZone) => {
    await using user = await account()
    expect((await user.with({ timeZone })('account')).err).toBe('')
  })

  test('changes the time zone of later days and times', async () => {
    await using user = await account()
    const now = '2026-11-22T02:00:00Z'
    const inNewYork = user.with({ timeZone: 'America/New_York' })
    const { code, out, err } = await inNewYork('account', '--time-zone', 'America/New_York', '--name', 'Zoë')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Zoë\n.*\nTime zone +America\/New_York\n/u)
    expect(await user.client.me.get.query()).toMatchObject({ name: 'Zoë', timeZone: 'America/New_York' })
    await user.with({ now })('add', 'one', '--due', 'today')
    await user.with({ now })('add', 'two', '--due', 'today 18:00')
    expect((await user.json<Task[]>('list')).map(({ due }) => due)).toEqual([
      { date: '2026-11-21' },
      { date: '2026-11-21', time: '18:00', timeZone: 'America/New_York' },
    ])
    // Times in the account's zone are listed without a zone.
    const listed = await user.with({ timeZone: 'Asia/Tokyo' })('list')
    expect(listed).toMatchObject({ err: '', out: expect.stringMatching(/2026-11-21 18:00\n/u) })
  })

  test('is refused to a key without the scope account', async () => {
    await using user = await account()
    const { out } = await user.call('keys', 'create', 'reader', '--scope', 'tasks:read')
    const { code, err } = await user.with({ env: { TASKWIRE_TOKEN: out.trim() } })('account', '--time-zone', 'UTC')
    expect(code).toBe(EXIT.failed)
    expect(err).toMatch(/^The account: This key lacks the scope account, which the call needs\./u)
  })
})

describe('signing in', () => {
  const PASSWORD = 'correct horse battery'
  const signInFrom = async (timeZone: string, ...args: string[]) => {
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    return await terminal.with({ stdin: PASSWORD, timeZone })(...args, '--password-stdin')
  }

  test('sign-up creates an account in this computer’s time zone', async () => {
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    const email = `zoned-${process.pid}@example.com`
    const result = await terminal.with({ stdin: PASSWORD, timeZone: 'Asia/Tokyo' })(
      'sign-up',
      email,
      '--password-stdin',
    )
    expect(result).toMatchObject({ code: 0, err: '' })
    expect(await terminal.json('account')).toMatchObject({ email, timeZone: 'Asia/Tokyo' })
  })

  test('sign-up from a computer without a named time zone creates an account in UTC, with a note', async () => {
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    const email = `unzoned-${process.pid}@example.com`
    const signUp = terminal.with({ stdin: PASSWORD, timeZone: 'Etc/Unknown' })
    const { code, err } = await signUp('sign-up', email, '--password-stdin')
    expect(code).toBe(0)
    expect(err).toContain("so the account's is UTC. To change it: taskwire account --time-zone")
    expect(await terminal.json('account')).toMatchObject({ timeZone: 'UTC' })
  })

  test('login notes that the time zones differ', async () => {
    await using user = await account()
    const { email } = user.user
    const elsewhere = await signInFrom('Asia/Tokyo', 'login', email)
    expect(elsewhere).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^The account's time zone is UTC, .* taskwire account --time-zone Asia\/Tokyo\n$/u),
    })
    expect(await signInFrom('UTC', 'login', email)).toMatchObject({ code: 0, err: '' })
  })
})
