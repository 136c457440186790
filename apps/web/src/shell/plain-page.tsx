import { type ReactNode, useEffect } from 'react'

/** A page without a list of tasks. */
export function PlainPage({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Taskwire`
  }, [title])
  return (
    <>
      <header className="page-header">
        <h1>{title}</h1>
      </header>
      <div className="scroller plain">{children}</div>
    </>
  )
}
