import type { Client } from '../client.ts'
import { messageOf } from '../errors.ts'
import { signIn } from '../sign-in.ts'
import { openStore } from './open-store.ts'
import { type Trouble, troubleOf } from './progress.ts'
import type { Store } from './store-api.ts'

/** An e-mail address and a password, or a form with fields of these names. */
export type Credentials = FormData | { email: string; password: string }

/** The store of the user who has signed in. */
export interface SignedIn {
  /** Undefined: nobody has signed in yet, or the store does not open. */
  store: Store | undefined
  /** Why the last attempt to open the store, or to sign in, failed. */
  error: Pick<Trouble, 'code' | 'message'> | null
  /** Signs in, and opens the account's store. Never rejects. */
  submit(credentials: Credentials): Promise<void>
}

/**
 * Opens the store that was open last in this browser, or else that of the session's account; and when another account
 * signs in, its store. Calls `onChange` then, and after each attempt to sign in. Returns a function that closes the
 * store.
 */
export function openSignedIn(client: Client, onChange: (signedIn: SignedIn) => void): () => void {
  let store: Store | undefined
  let isClosed = false
  const report = (error: SignedIn['error']): void => {
    if (!isClosed) onChange({ store, error, submit })
  }

  async function open(account?: string): Promise<void> {
    if (store !== undefined && store.account === account && store.sync.get().state !== 'closed') return store.resume()
    const opened = await openStore({ client, account })
    const replaced = isClosed ? opened : store
    if (!isClosed) {
      store = opened
      watch(opened)
    }
    await replaced?.close()
  }
  /** Follows the user when another account signs in elsewhere, such as in another tab. */
  function watch(opened: Store): void {
    let isOther = false
    opened.sync.subscribe(() => {
      const wasOther = isOther
      isOther = opened.sync.get().state === 'otherAccount'
      if (isOther && !wasOther && store === opened) void follow(opened)
    })
  }
  async function follow({ account }: Store): Promise<void> {
    try {
      const { id } = await client.me.get.query()
      if (id === account) return
      await open(id)
      report(null)
    } catch (error) {
      report(troubleOf(error))
    }
  }
  async function submit(credentials: Credentials): Promise<void> {
    try {
      const { user } = await signIn({ url: client.url, ...passwordOf(credentials) })
      await open(user.id)
      report(null)
    } catch (error) {
      // Of a wrong password, the message says so.
      report({ ...troubleOf(error), message: messageOf(error) })
    }
  }

  open().then(
    () => report(null),
    (error: unknown) => {
      const trouble = troubleOf(error)
      // A new visitor has made no mistake.
      report(trouble.code === 'UNAUTHENTICATED' ? null : trouble)
    },
  )
  return () => {
    isClosed = true
    void store?.close()
  }
}

function passwordOf(credentials: Credentials): { email: string; password: string } {
  if (!(credentials instanceof FormData)) return credentials
  const text = (name: string): string => {
    const value = credentials.get(name)
    if (typeof value === 'string') return value
    throw new TypeError(`The form has no field named ${name}; add <input name="${name}" />`)
  }
  return { email: text('email'), password: text('password') }
}
