import { useTask, useTasks } from '@taskwire/client/react'
import { type Counted, render, sent } from './harness.tsx'

/** Tasks are deleted while they are shown; the components of some unmount in the same change. */
export async function deletions(counted: Counted) {
  const { store } = counted
  const [first, second] = [await store.tasks.create({ title: 'A' }), await store.tasks.create({ title: 'B' })]
  await sent(store)
  const before = counted.subscriptions

  function Item({ id }: { id: string }) {
    return useTask(id)?.title ?? 'unknown'
  }
  function List() {
    return useTasks({}, { by: 'title', direction: 'asc' }).map(({ id }) => <Item key={id} id={id} />)
  }
  function Detail() {
    const task = useTask(first.id)
    return task === undefined ? ' gone' : task.deletedAt === null ? ' here' : ' in the trash'
  }
  const { shows, unmount } = render(
    store,
    <>
      <List />
      <Detail />
    </>,
  )
  await shows('AB here')
  await store.tasks.delete(first.id)
  await shows('B in the trash')
  await store.tasks.restore(first.id)
  await shows('AB here')
  await Promise.all([store.tasks.delete(first.id), store.tasks.delete(second.id)])
  await shows(' in the trash')
  await sent(store)
  await store.tasks.purge(first.id)
  await shows(' gone')
  const empty = counted.subscriptions - before
  // The root unmounts while a change is on its way to it.
  const change = store.tasks.create({ title: 'C' })
  await Promise.all([change, unmount()])
  return { empty, after: counted.subscriptions - before }
}
