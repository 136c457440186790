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
      empty={isBlank ? 'Write the beginnings of words.' : `No task has all the words of “${searched}”.`}
    >
      <input
        type="search"
        aria-label="Words to search for"
        value={words}
        autoFocus
        onChange={({ target }) => setWords(target.value)}
      />
    </Page>
  )
}
