import { createClient, signIn } from '@taskwire/client'
import { TaskwireProvider } from '@taskwire/client/react'
import { type Live, openStore, type Store } from '@taskwire/client/store'
import { type ReactNode, StrictMode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'

const url = 'http://localhost:4000'

/** A store, and what components do with it. */
export interface Counted {
  store: Store
  /** The subscriptions that have not ended. */
  subscriptions: number
  /** The queries that were made. */
  queries: number
  /** The timers that have not been cleared. */
  readonly timers: number
}

/** Opens the store of an account. */
export async function open(email: string, password: string): Promise<Counted> {
  const { user } = await signIn({ url, email, password })
  const store = await openStore({ client: createClient({ url }), account: user.id })
  await until(store.sync, ({ state }) => state === 'live')
  return count(store)
}

const timers = new Set<unknown>()
const { setInterval, clearInterval } = globalThis
globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
  const timer = setInterval(...args)
  timers.add(timer)
  return timer
  // The types of Node and of browsers differ in what it returns.
}) as typeof setInterval
globalThis.clearInterval = (timer) => {
  timers.delete(timer)
  clearInterval(timer)
}

function count(store: Store): Counted {
  const { tasks, lists, sync } = store
  const counted: Counted = {
    store: {
      ...store,
      sync: live(sync),
      tasks: {
        ...tasks,
        query: (...args) => query(tasks.query(...args)),
        count: (...args) => query(tasks.count(...args)),
        get: (...args) => query(tasks.get(...args)),
        tags: (...args) => query(tasks.tags(...args)),
      },
      lists: { ...lists, query: (...args) => query(lists.query(...args)) },
    },
    subscriptions: 0,
    queries: 0,
    get timers() {
      return timers.size
    },
  }
  function query<T>(result: Live<T>): Live<T> {
    counted.queries++
    return live(result)
  }
  function live<T>({ get, subscribe }: Live<T>): Live<T> {
    return {
      get,
      subscribe(listener) {
        counted.subscriptions++
        const end = subscribe(listener)
        return () => {
          counted.subscriptions--
          end()
        }
      },
    }
  }
  return counted
}

/** Renders into a new element. */
export function render(store: Store, content: ReactNode, { isStrict = true } = {}): Rendered {
  const element = document.body.appendChild(document.createElement('main'))
  const root = createRoot(element)
  const provided = <TaskwireProvider store={store}>{content}</TaskwireProvider>
  const tree = isStrict ? <StrictMode>{provided}</StrictMode> : provided
  root.render(tree)
  return {
    element,
    async shows(text) {
      await changed(element, () => element.textContent === text)
      // Runs the effects of the last commit. Nothing is rendered again, since the tree is the same.
      flushSync(() => root.render(tree))
    },
    async unmount() {
      root.unmount()
      await changed(element, () => element.childNodes.length === 0)
      element.remove()
    },
  }
}

export interface Rendered {
  element: HTMLElement
  /** Resolves once the element's text is this one, and the effects have run. */
  shows(text: string): Promise<void>
  unmount(): Promise<void>
}

/** Resolves once a condition on an element holds. */
async function changed(element: HTMLElement, holds: () => boolean): Promise<void> {
  if (holds()) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const observer = new MutationObserver(() => holds() && resolve())
  observer.observe(element, { childList: true, characterData: true, subtree: true })
  setTimeout(() => reject(new Error(`After 60 seconds, the element shows: ${element.textContent}`)), 60_000)
  await promise
  observer.disconnect()
}

/** Resolves once a value of the store meets a condition. */
export async function until<T>(live: Live<T>, holds: (value: T) => boolean): Promise<void> {
  if (holds(live.get())) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = live.subscribe(() => holds(live.get()) && resolve())
  await promise
  end()
}

/** Resolves once the service has got all edits. */
export const sent = async ({ sync }: Store): Promise<void> => await until(sync, ({ pending }) => pending.length === 0)
