import { useCounts, useSync } from '@taskwire/client/react'
import { useEffect, useState } from 'react'

/** Asks the browser to keep the tasks, and says what it has deleted all the same. */
export function StorageNotice() {
  const { evicted } = useSync()
  const [isShown, setShown] = useState(true)
  useLastingStorage()
  if (evicted === 0 || !isShown) return null
  return (
    <p role="alert" className="evicted">
      The browser has deleted {evicted === 1 ? '1 change that was' : `${evicted} changes that were`} not sent yet. Make{' '}
      {evicted === 1 ? 'it' : 'them'} again.{' '}
      <button type="button" className="link" onClick={() => setShown(false)}>
        OK
      </button>
    </p>
  )
}

/** Where this device remembers that the browser was asked, which may have asked the user. */
const ASKED = 'taskwire:asked-for-storage'

/** Asks the browser once not to delete the tasks when space is short, as soon as there are some. */
function useLastingStorage(): void {
  const hasTasks = useCounts({ trash: 'with' }).total > 0
  useEffect(() => {
    // If the browser does not allow it, all works as before.
    if (hasTasks) askOnce().catch(() => undefined)
  }, [hasTasks])
}

async function askOnce(): Promise<void> {
  if (localStorage.getItem(ASKED) !== null) return
  localStorage.setItem(ASKED, 'yes')
  await navigator.storage.persist()
}
