import { useLists, useSync, useTasks } from '@taskwire/client/react'
import { Redirect } from 'wouter'
import { ListMenu } from './list-menu.tsx'
import { Page } from './page.tsx'

export function ListPage({ id }: { id: string }) {
  const list = useLists().find((one) => one.id === id)
  const tasks = useTasks({ listId: id, complete: false }, { by: 'position', direction: 'asc' })
  if (list === undefined) return <NoList />
  return (
    <Page title={list.name} tasks={tasks} draft={{ listId: id }} empty="This list is empty." isOrdered>
      <ListMenu list={list} />
    </Page>
  )
}

/** A list that was deleted, or one that this device has not loaded yet. */
function NoList() {
  const { lastSynced } = useSync()
  return lastSynced === null ? <Page title="List" tasks={[]} draft={null} empty="" /> : <Redirect to="/" replace />
}
