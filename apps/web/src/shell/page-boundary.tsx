import { Component, type ReactNode } from 'react'

interface PageBoundaryProps {
  children: ReactNode
}

/** Keeps the rest of the app if a page cannot be loaded or shown. Give it the page's path as `key`. */
export class PageBoundary extends Component<PageBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <div className="empty" role="alert">
        <p>This page cannot be shown. If you are online, reload it. Your tasks are safe.</p>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    )
  }
}
