import { createClient } from '@taskwire/client'
import { TaskwireProvider, useSync } from '@taskwire/client/react'
import { type Counted, render } from './harness.tsx'

const SignIn = () => 'sign in'
const State = () => useSync().state

/** A provider opens the store by itself. The tab that syncs holds a lock, for which every other store waits. */
export async function provider({ store }: Counted) {
  const { shows, unmount } = render(
    store,
    <TaskwireProvider client={createClient({ url: 'http://localhost:4000' })} signIn={SignIn}>
      <State />
    </TaskwireProvider>,
  )
  await shows('live')
  await store.close()
  const mounted = await locks(1)
  await unmount()
  return { mounted, after: await locks(0) }
}

/** Waits until a number of stores is open, and returns it. */
async function locks(count: number): Promise<number> {
  for (;;) {
    const { held = [], pending = [] } = await navigator.locks.query()
    if (held.length + pending.length === count) return count
  }
}
