import { useCounts, useTasks } from '@taskwire/client/react'
import { startTransition, useState } from 'react'
import { type Counted, render, sent } from './harness.tsx'

/** A component that writes its filters in place is rendered many times. */
export async function filtersInPlace(counted: Counted) {
  const { store } = counted
  await store.tasks.create({ title: 'Task' })
  await sent(store)
  const before = counted.queries
  const values: unknown[] = []
  let renderAgain = (): void => {}

  function Tasks({ turn }: { turn: number }) {
    const tasks = useTasks({ complete: false, tags: undefined }, { by: 'title', direction: 'asc' })
    const { open } = useCounts({ priority: ['none'] })
    values.push(tasks)
    return `${turn}: ${tasks.length} ${open}`
  }
  function Parent() {
    const [turn, setTurn] = useState(0)
    renderAgain = () => setTurn(turn + 1)
    return <Tasks turn={turn} />
  }
  const { shows, unmount } = render(store, <Parent />, { isStrict: false })
  await shows('0: 1 1')
  for (const turn of [1, 2, 3]) {
    renderAgain()
    await shows(`${turn}: 1 1`)
  }
  const rendered = { renders: values.length, queries: counted.queries - before, values: new Set(values).size }

  // From here on, only the store makes it render.
  const first = values.length - 1
  await store.tasks.create({ title: 'Another' })
  await sent(store)
  await shows('3: 2 2')
  const renders = values.slice(first)
  await unmount()
  return {
    ...rendered,
    queriesInTheEnd: counted.queries - before,
    needless: renders.filter((value, index) => value === renders[index + 1]).length,
  }
}

/** The filter changes, with and without a transition. */
export async function changingFilters(counted: Counted) {
  const { store } = counted
  for (const tag of ['red', 'green', 'blue']) await store.tasks.create({ title: `Of ${tag}`, tags: [tag] })
  await sent(store)
  const before = { queries: counted.queries, subscriptions: counted.subscriptions }
  let choose = (_tag: string): void => {}

  function Tasks() {
    const [tag, setTag] = useState('red')
    choose = setTag
    return useTasks({ tags: { any: [tag] } }).map(({ title }) => title)
  }
  const { shows, unmount } = render(store, <Tasks />, { isStrict: false })
  await shows('Of red')
  choose('green')
  await shows('Of green')
  startTransition(() => choose('blue'))
  await shows('Of blue')
  const changed = {
    queries: counted.queries - before.queries,
    subscriptions: counted.subscriptions - before.subscriptions,
  }
  // The one that is shown is kept up to date, and no other.
  await store.tasks.create({ title: 'Also of blue, ', tags: ['blue'] })
  await store.tasks.create({ title: 'Also of red', tags: ['red'] })
  await shows('Also of blue,Of blue')
  await unmount()
  return { ...changed, after: counted.subscriptions - before.subscriptions }
}
