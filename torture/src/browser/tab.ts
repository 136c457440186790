import type { Store, SyncStatus } from '@taskwire/client/store'
import type { CDPSession, Page } from 'playwright-core'
import type { Account } from './account.ts'
import type { Network } from './network.ts'
import type { Rows } from './page-api.ts'

/** A tab with the page. The functions that are passed to it run in the page, and see their arguments only. */
export interface Tab {
  page: Page
  /** Opens the store of an account, by default of the one that was opened last. */
  open(account?: string): Promise<void>
  /** Returns the code of the error with which the store does not open. */
  refusesToOpen(account?: string): Promise<unknown>
  /** Loads the page again, and opens the store. */
  reload(): Promise<void>
  run<T, A extends unknown[]>(work: (store: Store, ...args: A) => T | Promise<T>, ...args: A): Promise<T>
  /** Returns the code of the error that `work` throws; undefined if it throws none. */
  codeOf<A extends unknown[]>(work: (store: Store, ...args: A) => unknown, ...args: A): Promise<unknown>
  /** Resolves once the condition holds. */
  until<A extends unknown[]>(holds: (store: Store, ...args: A) => boolean, ...args: A): Promise<void>
  /** Resolves once the store is in this state. */
  untilState(state: SyncStatus['state']): Promise<void>
  /** Resolves once the service has got every edit. */
  untilSent(): Promise<void>
  /** Restores the network, and lets the store try again at once. */
  reconnect(network: Network): Promise<void>
  /** Resolves all conflicts. */
  resolveAll(keep: 'mine' | 'theirs'): Promise<void>
  /** Sends all refused edits again. */
  retryAll(): Promise<void>
  sync(): Promise<SyncStatus>
  rows(): Promise<Rows>
  signIn(account: Account): Promise<void>
  /** Sends a command to the browser's debugging interface. */
  command(name: 'Storage.overrideQuotaForOrigin' | 'Storage.clearDataForOrigin', options: object): Promise<void>
  /** Kills the process of the page. */
  crash(): Promise<void>
  close(): Promise<void>
}

// The store is an argument of the functions, so that they need not name a global.
const callOf = (work: (...args: never[]) => unknown, args: readonly unknown[]): string =>
  `(${String(work)})(${['taskwire.store', ...args.map((arg) => JSON.stringify(arg))].join()})`

export function tabOf(page: Page): Tab {
  /** Returns the code of the error of an expression. */
  const codeOf = async (expression: string): Promise<unknown> =>
    await page.evaluate(`(async () => {
      try { await ${expression} } catch (error) { return error.code ?? error.appCode ?? String(error) }
    })()`)
  let session: Promise<CDPSession> | undefined
  const tab: Tab = {
    page,
    open: async (account) => await page.evaluate(async (id) => await globalThis.taskwire.open(id), account),
    refusesToOpen: async (account) => await codeOf(`taskwire.open(${JSON.stringify(account)})`),
    async reload() {
      await page.reload()
      await tab.open()
    },
    // The page returns what `work` does.
    run: async (work, ...args) => (await page.evaluate(callOf(work, args))) as Awaited<ReturnType<typeof work>>,
    codeOf: async (work, ...args) => await codeOf(callOf(work, args)),
    async until(holds, ...args) {
      await page.evaluate(`taskwire.until(() => ${callOf(holds, args)}, ${JSON.stringify(String(holds))})`)
    },
    untilState: async (state) => await tab.until((store, wanted) => store.sync.get().state === wanted, state),
    untilSent: async () => await tab.until((store) => store.sync.get().pending.length === 0),
    async reconnect(network) {
      network.restore()
      await tab.run((store) => store.resume())
    },
    async resolveAll(keep) {
      await tab.run(async ({ resolve, sync }, kept) => {
        for (const edit of sync.get().conflicts) await resolve(edit, kept)
      }, keep)
    },
    async retryAll() {
      await tab.run(async ({ retry, sync }) => {
        for (const edit of sync.get().refused) await retry(edit)
      })
    },
    sync: async () => await tab.run((store) => store.sync.get()),
    rows: async () => await page.evaluate(() => globalThis.taskwire.rows()),
    async signIn({ email, password }) {
      await page.evaluate(
        async ([address = '', secret = '']) => {
          await globalThis.taskwire.signIn(address, secret)
        },
        [email, password],
      )
    },
    async command(name, options) {
      // What a command overrides ends with its session.
      session ??= page.context().newCDPSession(page)
      const { origin } = new URL(page.url())
      await (await session).send(name, { origin, ...options })
    },
    async crash() {
      const crashed = page.waitForEvent('crash')
      const debugging = await page.context().newCDPSession(page)
      // It is never answered.
      debugging.send('Page.crash').catch(() => {})
      await crashed
      await page.close()
    },
    close: async () => await page.close(),
  }
  return tab
}
