import { useCounts, useLists, useMutations, useSync, useTags, useTask, useTasks } from '@taskwire/client/react'
import { type Counted, render, sent } from './harness.tsx'

/** Every hook that subscribes, in StrictMode, which mounts each component twice. */
export async function allHooks(counted: Counted) {
  const { store } = counted
  const list = await store.lists.create({ name: 'Work' })
  const { id } = await store.tasks.create({ title: 'Task', listId: list.id, tags: ['home'] })
  await sent(store)
  const before = { timers: counted.timers, subscriptions: counted.subscriptions }
  const seen = new Set<unknown>()

  function All() {
    seen.add(useMutations())
    const shown = {
      tasks: useTasks({ complete: false }).map(({ title }) => title),
      task: useTask(id)?.title,
      counts: useCounts(),
      lists: useLists().map(({ name }) => name),
      tags: useTags(),
      pending: useSync().pending.length,
    }
    return JSON.stringify(shown)
  }
  const { element, shows, unmount } = render(store, <All />)
  await shows(
    JSON.stringify({
      tasks: ['Task'],
      task: 'Task',
      counts: { total: 1, open: 1, complete: 0, overdue: 0 },
      lists: ['Work'],
      tags: [{ tag: 'home', count: 1 }],
      pending: 0,
    }),
  )
  const mounted = {
    timers: counted.timers - before.timers,
    subscriptions: counted.subscriptions - before.subscriptions,
  }
  await store.tasks.update(id, { title: 'Renamed', complete: true, tags: [] })
  await store.lists.update(list.id, { name: 'Home' })
  await sent(store)
  await shows(
    JSON.stringify({
      tasks: [],
      task: 'Renamed',
      counts: { total: 1, open: 0, complete: 1, overdue: 0 },
      lists: ['Home'],
      tags: [],
      pending: 0,
    }),
  )
  await unmount()
  const after = { timers: counted.timers - before.timers, subscriptions: counted.subscriptions - before.subscriptions }
  return { mounted, after, mutations: seen.size, isEmpty: !element.isConnected }
}
