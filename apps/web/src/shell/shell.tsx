import { lazy, Suspense } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { Detail } from '../detail/detail.tsx'
import { ListPage } from '../views/list-page.tsx'
import { SearchPage } from '../views/search-page.tsx'
import { TagPage } from '../views/tag-page.tsx'
import { ViewPage } from '../views/view-page.tsx'
import { VIEWS } from '../views/views.ts'
import { Navigation } from './navigation.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { SyncState } from './sync-state.tsx'
import { UndoBar } from './undo-bar.tsx'

const UndecidedPage = lazy(async () => ({
  default: (await import('../undecided/undecided-page.tsx')).UndecidedPage,
}))

/** The frame of every page. */
export function Shell() {
  return (
    <div className="shell">
      <a className="skip" href="#tasks">
        Skip to the tasks
      </a>
      <Navigation />
      <main className="page">
        <Switch>
          {VIEWS.map((view) => (
            <Route key={view.path} path={view.path}>
              <ViewPage key={view.path} view={view} />
            </Route>
          ))}
          <Route path="/lists/:id">{({ id }) => <ListPage key={id} id={id} />}</Route>
          <Route path="/tags/:tag">{({ tag }) => <TagPage key={tag} tag={decodeURIComponent(tag)} />}</Route>
          <Route path="/search">
            <SearchPage />
          </Route>
          <Route path="/undecided">
            <Suspense>
              <UndecidedPage />
            </Suspense>
          </Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </main>
      <footer className="state">
        <UndoBar />
        <SyncState />
      </footer>
      <Detail />
      <Shortcuts />
    </div>
  )
}
