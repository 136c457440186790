import {
  type ComponentType,
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react'
import type { Client } from './client.ts'
import type { Live } from './store/live.ts'
import { openSignedIn, type SignedIn } from './store/open-signed-in.ts'
import type { Store } from './store/store-api.ts'

const StoreContext = createContext<Store | undefined>(undefined)

/**
 * Returns the store of the nearest provider.
 * @throws Error if there is no provider
 */
export function useStore(): Store {
  const store = useContext(StoreContext)
  if (store === undefined)
    throw new Error(
      'There is no store: render this component inside <TaskwireProvider client={client} signIn={SignIn}>, or inside <TaskwireProvider store={await openStore({ client })}>',
    )
  return store
}

/** Returns the value, and renders the component again when it changes. */
export function useLive<T>(live: Live<T>): T {
  return useSyncExternalStore(live.subscribe, live.get, live.get)
}

/**
 * What the component with the sign-in form gets. `submit` signs in, by a form with fields named `email` and `password`
 * or by an object with these; it never rejects. `error` is why that failed, or why the store does not open; else null.
 */
export type SignInProps = Pick<SignedIn, 'submit' | 'error'>

export type ProviderProps = { children?: ReactNode } & (
  | {
      /** A store that you have opened, and that you close. */
      store: Store
    }
  | {
      /** Sends the calls, with the session's cookie. Create it outside of components: each client opens a store. */
      client: Client
      /**
       * The form with which the user signs in: `<form action={submit}>` with inputs named `email` and `password`. It is
       * shown instead of the children while there is no store, and above them if the session has ended.
       */
      signIn: ComponentType<SignInProps>
    }
)

/**
 * Gives the hooks below it their store: the one that you pass, or else the one of the user who signs in, which it opens
 * and closes. It shows nothing while it opens the store. For another account, the children are mounted anew.
 */
export function TaskwireProvider({ children, ...props }: ProviderProps): ReactElement {
  return 'store' in props
    ? createElement(StoreContext.Provider, { value: props.store }, children)
    : createElement(SignedInProvider, props, children)
}

interface SignedInProps {
  client: Client
  signIn: ComponentType<SignInProps>
  children?: ReactNode
}

function SignedInProvider({ client, signIn, children }: SignedInProps): ReactElement | null {
  const [signedIn, setSignedIn] = useState<SignedIn>()
  useEffect(() => {
    const close = openSignedIn(client, setSignedIn)
    return () => {
      close()
      setSignedIn(undefined)
    }
  }, [client])
  if (signedIn === undefined) return null
  const { store, error, submit } = signedIn
  return store === undefined
    ? createElement(signIn, { submit, error })
    : createElement(OpenedProvider, { key: store.account, store, error, submit, signIn }, children)
}

interface OpenedProps extends SignInProps, Pick<SignedInProps, 'signIn' | 'children'> {
  store: Store
}

function OpenedProvider({ store, error, submit, signIn, children }: OpenedProps): ReactElement {
  const { state, failing } = useLive(store.sync)
  const form = createElement(signIn, { submit, error: error ?? failing })
  // The store was erased: its user has signed out.
  if (state === 'closed') return form
  const needsSignIn = state === 'signedOut' || state === 'otherAccount'
  return createElement(StoreContext.Provider, { value: store }, needsSignIn ? form : null, children)
}
