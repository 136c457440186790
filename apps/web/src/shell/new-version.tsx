import { useEffect, useState } from 'react'

/**
 * Installs the service worker, by which the page opens without a network. Offers to reload once a new version of the
 * page is there.
 */
export function NewVersion() {
  const [reload, setReload] = useState<() => Promise<void>>()
  useEffect(() => {
    async function install(): Promise<void> {
      const { registerSW } = await import('virtual:pwa-register')
      const update = registerSW({ onNeedRefresh: () => setReload(() => update) })
    }
    // Without it, the page works while there is a network, and the next visit tries again.
    install().catch(() => undefined)
  }, [])
  return (
    reload !== undefined && (
      <button type="button" className="link" onClick={() => void reload()}>
        Update to the new version
      </button>
    )
  )
}
