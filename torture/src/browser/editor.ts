import { setTimeout as pause } from 'node:timers/promises'
import { signIn, signOut } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'
import type { Browser } from 'playwright-core'
import type { Instance } from '../instance.ts'
import type { Random } from '../random.ts'
import type { Server } from '../server.ts'
import { canonical } from '../canonical.ts'
import type { Account } from './account.ts'
import { deviceOf } from './device.ts'
import type { Network } from './network.ts'
import { type Observer, textsIn } from './observer.ts'
import { decide, edit } from './page-actions.ts'
import type { Tab } from './tab.ts'

export interface EditorOptions {
  nr: number
  account: Account
  /** Signs in in the same browser now and then. */
  other: Account
  observer: Observer
  browser: Browser
  network: Network
  service: Instance
  server: Server
  random: Random
}

/** A user with a browser, who edits and does what users do. */
export interface Editor {
  editUntil(time: number): Promise<void>
  /** Signs in, decides what is open, and waits until all is sent. */
  finish(): Promise<void>
  /** Waits until every tab shows what the service has, and closes the browser. Returns how they differ if they do not. */
  compare(): Promise<string[]>
}

export async function newEditor(options: EditorOptions): Promise<Editor> {
  const { nr, account, other, observer, browser, network, service, server, random } = options
  const { token } = await signIn({ url: service.url, email: account.email, password: account.password })
  const device = await deviceOf(await browser.newContext(), network.origin, token)
  const tabs: Tab[] = [await device.open(account.id)]

  async function editOnce(tab: Tab): Promise<void> {
    const text = observer.newText(nr)
    // Undefined: there was nothing to edit, or the store refused, so that nothing was saved.
    const saved = await tab.run(edit, text, random.next(), random.next())
    if (saved === 'saved') observer.saved(account, text)
  }
  const decideAll = async (tab: Tab): Promise<void> =>
    observer.gaveUp(textsIn(JSON.stringify(await tab.run(decide, random.next() < 0.5 ? 'mine' : 'theirs'))))

  async function useSession(tab: Tab, user: Account): Promise<void> {
    // The limit on attempts is by address, and all users of the experiment have the same.
    await server.query('delete from auth.sign_in_attempts')
    await tab.signIn(user)
    await tab.run((store) => store.resume())
  }
  async function endSession(tab: Tab): Promise<void> {
    const cookies = await tab.page.context().cookies()
    const current = cookies.find(({ name }) => name.endsWith('session_token'))?.value ?? ''
    await signOut({ url: service.url, token: decodeURIComponent(current) })
  }

  const actions: Record<string, { weight: number; act(tab: Tab): Promise<void> }> = {
    edit: { weight: 100, act: editOnce },
    decide: { weight: 4, act: decideAll },
    reload: {
      weight: 4,
      async act(tab) {
        await tab.page.reload()
        await tab.open(account.id)
      },
    },
    crash: {
      weight: 2,
      async act(tab) {
        tabs.splice(tabs.indexOf(tab), 1)
        await tab.crash()
        tabs.push(await device.open(account.id))
      },
    },
    'open a tab': { weight: 3, act: async () => void (tabs.length < 3 && tabs.push(await device.open(account.id))) },
    'close a tab': {
      weight: 2,
      async act(tab) {
        if (tabs.length === 1) return
        tabs.splice(tabs.indexOf(tab), 1)
        await tab.close()
      },
    },
    'sign out': { weight: 1, act: endSession },
    'sign in': { weight: 3, act: async (tab) => await useSession(tab, account) },
    'sign in as another': { weight: 1, act: async (tab) => await useSession(tab, other) },
  }
  const all = Object.values(actions).flatMap(({ weight, act }) => Array.from({ length: weight }, () => act))

  return {
    async editUntil(time) {
      while (Date.now() < time) {
        const tab = random.pick(tabs)
        // While the network is cut or the service is down, signing in and out fail.
        await random
          .pick(all)(tab)
          .catch((error: unknown) => {
            if (!/Failed to fetch|fetch failed|ECONNREFUSED|NETWORK|Bad Gateway|status 502/.test(String(error)))
              throw error
          })
        await pause(random.below(100))
      }
    },
    async finish() {
      const [tab] = tabs
      if (tab === undefined) throw new Error('A user has at least one tab')
      await useSession(tab, account)
      await tab.untilState('live')
      // A decision may lead to the next conflict.
      for (let open = true; open;) {
        await decideAll(tab)
        const { pending, refused, conflicts } = await tab.sync()
        // Thousands may be left, which get fewer one by one: so many at a time have the time of one wait.
        await tab.until(isSentUpTo, Math.max(0, pending.length - 200))
        open = pending.length + refused.length + conflicts.length > 0
      }
    },
    async compare() {
      const found: string[] = []
      for (const each of tabs) found.push(...(await differences(each, account, nr)))
      await device[Symbol.asyncDispose]()
      return found
    },
  }
}

const isSentUpTo = ({ sync }: Store, left: number): boolean => {
  const { pending, refused, conflicts } = sync.get()
  return pending.length <= left || refused.length + conflicts.length > 0
}

/** Waits until a page shows what the service has. Returns what differs if it does not come to that. */
async function differences(tab: Tab, account: Account, nr: number): Promise<string[]> {
  const rows = await account.rows()
  const isEqual = await tab.page
    .evaluate(async (wanted) => {
      await globalThis.taskwire.until(() => globalThis.taskwire.shows(wanted), 'the rows')
      return true
    }, canonical(rows))
    .catch(() => false)
  if (isEqual) return []
  const shown = await tab.rows()
  const texts = new Set(rows.tasks.map((task) => canonical(task)))
  const [wrong] = shown.tasks.filter((task) => !texts.has(canonical(task)))
  return [
    `Device ${nr} shows ${shown.tasks.length} tasks and ${shown.lists.length} lists, and the service has ${rows.tasks.length} and ${rows.lists.length}; the first that differs: ${JSON.stringify(wrong)}`,
  ]
}
