import { startTcpProxy, type TcpProxy } from '@taskwire/api/proxy-testing'
import { startTestService, type TestService } from '@taskwire/api/testing'
import { type Client, createClient, type Task } from '@taskwire/client'
import type { Locator, Page } from 'playwright-core'
import { openBrowser, PAGE, problemsOf } from './browser.ts'
import { servePages } from './serve-pages.ts'

/** The app in a browser, which can be used as its users do: elements are found by role and label. */
export interface App extends AsyncDisposable {
  page: Page
  problems: readonly string[]
  /** Between the browser and the service. */
  network: TcpProxy
  /** Creates an account. */
  signUp(): Promise<Account>
  signIn(account: Pick<Account, 'email' | 'password'>): Promise<void>
  add(title: string): Promise<void>
  complete(title: string): Promise<void>
  /** Deletes the cookie, and waits until the app asks the user to sign in. */
  endSession(): Promise<void>
  /** Resolves once the list has these titles, in this order. */
  shows(...titles: string[]): Promise<void>
  /** Resolves once the status begins so. */
  says(status: string): Promise<void>
  alert(text: string | RegExp): Locator
}

export interface Account {
  email: string
  password: string
  /** Another device of the account, whose network is never cut. */
  phone: Client
  /** What the service has, by title. */
  tasks(): Promise<Task[]>
}

/** Starts a service, and opens the page that runs `script` in a browser. `/name` runs the script `name` of `others`. */
export async function openApp(script: string, others: Record<string, string> = {}): Promise<App> {
  await using stack = new AsyncDisposableStack()
  const service = stack.use(await startTestService({ env: { ALLOWED_ORIGINS: PAGE } }))
  const network = stack.use(await startTcpProxy(service.url))
  const pages = stack.use(await servePages({ ...others, '': script }))
  const browser = stack.use(await openBrowser(pages.address, new URL(network.url).host))
  const context = await browser.newContext()
  // Less than the minute after which a store tries again by itself whether the user has signed in.
  context.setDefaultTimeout(45_000)
  const page = await context.newPage()
  const problems = problemsOf(page)
  await page.goto(PAGE)
  const opened = stack.move()
  return {
    page,
    problems,
    network,
    signUp: async () => await signUp(service),
    async signIn({ email, password }) {
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    async add(title) {
      await page.getByLabel('New task').fill(title)
      await page.getByRole('button', { name: 'Add' }).click()
    },
    async complete(title) {
      await page.getByRole('listitem').filter({ hasText: title }).getByRole('button', { name: 'Complete' }).click()
    },
    async endSession() {
      await context.clearCookies()
      network.reset()
      await page.getByLabel('Password').waitFor()
    },
    async shows(...titles) {
      const text = titles.map((title) => `${title} Complete`).join('')
      await page
        .getByRole('list')
        .filter({ hasText: new RegExp(`^${text}$`) })
        .waitFor()
    },
    async says(status) {
      await page
        .getByRole('status')
        .filter({ hasText: new RegExp(`^${status}`) })
        .waitFor()
    },
    alert: (text) => page.getByRole('alert').filter({ hasText: text }),
    [Symbol.asyncDispose]: async () => await opened.disposeAsync(),
  }
}

async function signUp(service: TestService): Promise<Account> {
  const { email, password, token } = await service.signUp()
  const phone = createClient({ url: service.url, token })
  return {
    email,
    password,
    phone,
    tasks: async () => (await phone.tasks.list.query({ sort: { by: 'title', direction: 'asc' } })).items,
  }
}
