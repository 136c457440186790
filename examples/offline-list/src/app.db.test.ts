import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openApp } from './testing/app.ts'
import { hasChromium, whySkipped } from '@taskwire/api/browser-testing'
import { PAGE, problemsOf } from './testing/browser.ts'

const APP = join(import.meta.dirname, 'app.tsx')
const TAB = join(import.meta.dirname, 'testing/tab.tsx')

describe.skipIf(!hasChromium)(`the app in a browser${whySkipped}`, () => {
  test('signs in, shows what other devices do, and works offline, also after a reload', async () => {
    await using app = await openApp(APP)
    const ada = await app.signUp()
    await app.signIn({ ...ada, password: 'wrong horse battery' })
    await app.page.getByText('Invalid email or password').waitFor()
    await app.signIn(ada)
    await app.add('Buy milk')
    await app.says('live 0 to send')
    await ada.phone.tasks.create.mutate({ title: 'Answer Bob' })
    await app.shows('Answer Bob', 'Buy milk')

    app.network.cut()
    // With the time and the reason.
    await app.says('offline 0 to send .*:.* Failed to fetch')
    await app.add('Call Cleo')
    await app.shows('Answer Bob', 'Buy milk', 'Call Cleo')
    await app.complete('Buy milk')
    await app.shows('Answer Bob', 'Call Cleo')
    await ada.phone.tasks.create.mutate({ title: 'Dust' })
    await app.page.reload()
    await app.shows('Answer Bob', 'Call Cleo')
    await app.says('offline 2 to send')

    app.network.lift()
    await app.shows('Answer Bob', 'Call Cleo', 'Dust')
    await app.says('live 0 to send')
    expect((await ada.tasks()).map(({ title, complete }) => [title, complete])).toEqual([
      ['Answer Bob', false],
      ['Buy milk', true],
      ['Call Cleo', false],
      ['Dust', false],
    ])
    expect(app.problems).toEqual([])
  })

  test('tells which edits were refused, and why, and which are in conflict, until the user has decided', async () => {
    await using app = await openApp(APP, { tab: TAB })
    const ada = await app.signUp()
    await app.signIn(ada)
    const long = 'x'.repeat(201)
    await app.add(long)
    await app.alert(new RegExp(`^${long}: .*200 characters`)).waitFor()

    const { id } = await ada.phone.tasks.create.mutate({ title: 'Buy milk' })
    await app.shows('Buy milk', long)
    const tab = await app.page.context().newPage()
    await tab.goto(`${PAGE}/tab`)
    app.network.cut()
    const problems = problemsOf(tab)
    const store = await tab.evaluateHandle(async () => await globalThis.openTab())
    await store.evaluate(async ({ tasks }, task) => await tasks.update(task, { title: 'Buy oat milk' }), id)
    await app.shows('Buy oat milk', long)
    await ada.phone.tasks.update.mutate({ id, changes: { title: 'Buy soy milk' } })
    app.network.lift()
    await app.alert('Buy milk was changed elsewhere, too').waitFor()
    expect((await ada.tasks()).map(({ title }) => title)).toEqual(['Buy soy milk'])

    const decide = async (edit: string, decision: string): Promise<void> => {
      const list = tab.getByRole('list', { name: 'To decide' })
      await list.getByRole('listitem').filter({ hasText: edit }).getByRole('button', { name: decision }).click()
    }
    await decide('title: Buy oat milk, or Buy soy milk?', 'Keep mine')
    await decide(long, 'Give up')
    await app.shows('Buy oat milk')
    await app.says('live 0 to send')
    expect(await app.alert(/./).count()).toBe(0)
    expect((await ada.tasks()).map(({ title }) => title)).toEqual(['Buy oat milk'])
    expect([...app.problems, ...problems]).toEqual([])
  })

  test('when the session has ended, asks to sign in; another account sees its own tasks only', async () => {
    await using app = await openApp(APP)
    const [ada, bob] = [await app.signUp(), await app.signUp()]
    await app.signIn(ada)
    await app.add('Of Ada')
    await app.says('live 0 to send')
    await app.endSession()
    await app.says('signedOut 0 to send')
    await app.add('Of Ada, too')
    await app.shows('Of Ada', 'Of Ada, too')

    await app.signIn(bob)
    await app.says('live 0 to send')
    await app.add('Of Bob')
    await app.shows('Of Bob')
    await app.says('live 0 to send')

    await app.endSession()
    await app.signIn(ada)
    await app.shows('Of Ada', 'Of Ada, too')
    await app.says('live 0 to send')
    expect((await ada.tasks()).map(({ title }) => title)).toEqual(['Of Ada', 'Of Ada, too'])
    expect((await bob.tasks()).map(({ title }) => title)).toEqual(['Of Bob'])
    expect(await app.page.getByLabel('Password').count()).toBe(0)
    expect(app.problems).toEqual([])
  })

  test('an account that signs in in another tab is that of all of them', async () => {
    await using app = await openApp(APP, { tab: TAB })
    const [ada, bob] = [await app.signUp(), await app.signUp()]
    await bob.phone.tasks.create.mutate({ title: 'Of Bob' })
    await app.signIn(ada)
    await app.add('Of Ada')
    await app.says('live 0 to send')
    const tab = await app.page.context().newPage()
    await tab.goto(`${PAGE}/tab`)
    await tab.evaluate(async ([email, password]) => void (await globalThis.signInTab(email, password)), [
      bob.email,
      bob.password,
    ] as const)
    app.network.reset()
    await app.shows('Of Bob')
    await app.says('live 0 to send')
    expect(await app.page.getByLabel('Password').count()).toBe(0)
    expect((await bob.tasks()).map(({ title }) => title)).toEqual(['Of Bob'])
    expect(app.problems).toEqual([])
  })

  test('a store that is erased in one tab is gone from all of them, which ask to sign in', async () => {
    await using app = await openApp(APP, { tab: TAB })
    const ada = await app.signUp()
    await app.signIn(ada)
    await app.add('Buy milk')
    await app.says('live 0 to send')
    const tab = await app.page.context().newPage()
    await tab.goto(`${PAGE}/tab`)
    const store = await tab.evaluateHandle(async () => await globalThis.openTab())
    await store.evaluate(async (opened) => await opened.erase())
    await app.page.getByLabel('Password').waitFor()
    expect(await app.page.getByText('Buy milk').count()).toBe(0)
    await app.signIn(ada)
    await app.shows('Buy milk')
    expect(app.problems).toEqual([])
  })

  test('a session that begins in another tab is used by all of them', async () => {
    await using app = await openApp(APP, { tab: TAB })
    const ada = await app.signUp()
    const context = app.page.context()
    await app.signIn(ada)
    await app.says('live 0 to send')
    const cookies = await context.cookies()
    await app.endSession()
    await app.add('Buy milk')
    await app.says('signedOut 1 to send')
    // As after a page of another site on which the user has signed in.
    await context.addCookies(cookies)
    const tab = await context.newPage()
    await tab.goto(`${PAGE}/tab`)
    await tab.evaluate(async () => void (await globalThis.openTab()))
    await app.says('live 0 to send')
    expect((await ada.tasks()).map(({ title }) => title)).toEqual(['Buy milk'])
    expect(app.problems).toEqual([])
  })
})
