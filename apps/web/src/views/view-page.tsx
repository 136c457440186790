import { useTasks } from '@taskwire/client/react'
import { EmptyTrash } from '../trash/empty-trash.tsx'
import { Page } from './page.tsx'
import { useToday } from './today.ts'
import type { View } from './views.ts'

export function ViewPage({ view }: { view: View }) {
  const today = useToday()
  const tasks = useTasks(view.filter(today), view.sort)
  return (
    <Page
      title={view.name}
      tasks={tasks}
      draft={view.draft?.(today) ?? null}
      empty={view.empty}
      isOrdered={view.sort.by === 'position'}
      isByDate={view.isByDate}
    >
      {view.path === '/trash' && <EmptyTrash />}
    </Page>
  )
}
