import { useTasks } from '@taskwire/client/react'
import { useDeferredValue, useState } from 'react'
import { Page } from './page.tsx'

/** Finds tasks, also completed ones, by words of their titles and descriptions. */
export function SearchPage() {
  const [words, setWords] = useState('')
  // Typing does not wait for the search.
  const searched = useDeferredValue(words)
  const tasks = useTasks({ search: searched })
  const isBlank = searched.trim() === ''
  return (
    <Page
      title="Search"
      tasks={isBlank ? [] : tasks}
      draft={null}
      empty={
        isBlank
          ? 'Type the first letters of one or more words.'
          : `No task has all the words of “\u2068${searched}\u2069”.`
      }
    >
      <input
        type="search"
        aria-label="Words to search for"
        dir="auto"
        value={words}
        autoFocus
        onChange={({ target }) => setWords(target.value)}
      />
    </Page>
  )
}
