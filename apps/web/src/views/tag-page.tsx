import { useTasks } from '@taskwire/client/react'
import { Page } from './page.tsx'

export function TagPage({ tag }: { tag: string }) {
  const tasks = useTasks({ tags: { all: [tag] }, complete: false }, { by: 'due', direction: 'asc' })
  return (
    <Page
      title={`@${tag}`}
      tasks={tasks}
      draft={{ tags: [tag] }}
      empty={`No open task has the tag \u2068${tag}\u2069.`}
    />
  )
}
