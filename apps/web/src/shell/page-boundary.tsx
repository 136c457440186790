import { Component, type ReactNode } from 'react'

interface PageBoundaryProps {
  children: ReactNode
  /** Shown instead of a part that is not the page. */
  instead?: ReactNode
}

/** Keeps the rest of the app if a page or a part cannot be loaded or shown. Give it the page's path as `key`. */
export class PageBoundary extends Component<PageBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    const { children, instead } = this.props
    if (!this.state.hasFailed) return children
    return (
      instead ?? (
        <NotShown className="empty">
          This page cannot be shown. If you are online, reload it. Your tasks are safe.
        </NotShown>
      )
    )
  }
}

/** Says what cannot be shown, and offers to reload. */
export function NotShown({ className, children }: { className?: string; children: string }) {
  return (
    <div className={className} role="alert">
      <p>{children}</p>
      <button type="button" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  )
}
