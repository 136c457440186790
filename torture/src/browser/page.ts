// The page of the tests, in the browser.
import { createClient, signIn, signOut } from '@taskwire/client'
import { openStore, type Store } from '@taskwire/client/store'
import { canonical } from '../canonical.ts'
import type { PageApi } from './page-api.ts'

const url = location.origin
/** Far more than any wait takes. */
const MOST_MS = 60_000
let store: Store | undefined

globalThis.taskwire = {
  get store() {
    if (store === undefined) throw new Error('No store is open; call open() first')
    return store
  },
  async open(account) {
    store = await openStore({ client: createClient({ url }), account })
  },
  signIn: async (email, password) => await signIn({ url, email, password }),
  signOut: async () => await signOut({ url }),
  rows() {
    const tasks = this.store.tasks.query({ trash: 'with' }, { by: 'createdAt', direction: 'asc' }).get()
    return { tasks, lists: this.store.lists.query().get() }
  },
  shows(rows) {
    return canonical(this.rows()) === rows
  },
  async until(holds, what) {
    const { sync } = this.store
    let stop = (): void => {}
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        const check = (): void => {
          try {
            if (holds()) resolve()
          } catch (error) {
            reject(error)
          }
        }
        stop = sync.subscribe(check)
        timer = setTimeout(() => {
          reject(new Error(`Waited ${MOST_MS / 1000} s for ${what}; sync is ${JSON.stringify(sync.get())}`))
        }, MOST_MS)
        check()
      })
    } finally {
      stop()
      clearTimeout(timer)
    }
  },
} satisfies PageApi
