import { useSync } from '@taskwire/client/react'
import { CloudOff } from 'lucide-react'
import type { ReactNode } from 'react'

/** Says that the service cannot be reached, and what that means on this page. Empty while it can be reached. */
export function NotReached({ children }: { children: ReactNode }) {
  const { state } = useSync()
  if (state !== 'offline') return null
  return (
    <p className="notice">
      <CloudOff aria-hidden />
      <span>
        <strong>The service cannot be reached.</strong> {children}
      </span>
    </p>
  )
}
