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
export function forgetAccount(account: string): void {
  if (rememberedAccount() === account) access((storage) => storage.removeItem(ACCOUNT))
}
export const rememberAccount = (account: string): void => access((storage) => storage.setItem(ACCOUNT, account))

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
