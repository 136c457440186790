import type { Live } from './live.ts'
import type { SyncStatus } from './sync-status.ts'

// What has to be known before the database is open, or when the browser has deleted it. Where localStorage is blocked,
// nothing is remembered.

const ACCOUNT = 'taskwire.account'
const unsentKey = (name: string): string => `taskwire.unsent.${name}`

function access<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage)
  } catch {
    return undefined
  }
}

/** The account whose store was opened last. */
export const rememberedAccount = (): string | undefined => access((storage) => storage.getItem(ACCOUNT)) ?? undefined
function forgetAccount(account: string): void {
  if (rememberedAccount() === account) access((storage) => storage.removeItem(ACCOUNT))
}
const rememberAccount = (account: string): void => access((storage) => storage.setItem(ACCOUNT, account))

/** Remembers the account of a store that was opened, but not while another one is signed in. */
export function rememberWhileSignedIn(sync: Live<SyncStatus>, account: string): void {
  rememberAccount(account)
  let isForgotten = false
  sync.subscribe(() => {
    const { state } = sync.get()
    if (state === 'otherAccount') forgetAccount(account)
    else if (isForgotten && state === 'live') rememberAccount(account)
    else return
    isForgotten = state === 'otherAccount'
  })
}

/** The number of unsent edits of a store. */
export const unsentOf = (name: string): number => Number(access((storage) => storage.getItem(unsentKey(name))) ?? 0)
export function setUnsent(name: string, count: number): void {
  if (count !== unsentOf(name)) access((storage) => storage.setItem(unsentKey(name), String(count)))
}

/** Forgets a store that was erased, and its account. */
export function forget(name: string, account: string): void {
  access((storage) => storage.removeItem(unsentKey(name)))
  forgetAccount(account)
}
