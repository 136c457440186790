import { lazy, Suspense } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { usePathname } from 'wouter/use-browser-location'
import { NOT_LOADED } from '../calls/failure-words.ts'
import { Detail } from '../detail/detail.tsx'
import { useOpenTask } from '../detail/open-task.ts'
import { ListPage } from '../views/list-page.tsx'
import { SearchPage } from '../views/search-page.tsx'
import { TagPage } from '../views/tag-page.tsx'
import { ViewPage } from '../views/view-page.tsx'
import { VIEWS } from '../views/views.ts'
import { tagOfAddress } from './addresses.ts'
import { Navigation } from './navigation.tsx'
import { NewVersion } from './new-version.tsx'
import { NotShown, PageBoundary } from './page-boundary.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { SyncState } from './sync-state.tsx'
import { StorageNotice } from './storage-notice.tsx'
import { UndoBar } from './undo-bar.tsx'

const ImportPage = lazy(async () => ({ default: (await import('../import/import-page.tsx')).ImportPage }))
const ExportPage = lazy(async () => ({ default: (await import('../export/export-page.tsx')).ExportPage }))
const SettingsPage = lazy(async () => ({ default: (await import('../settings/settings-page.tsx')).SettingsPage }))
const UndecidedPage = lazy(async () => ({
  default: (await import('../undecided/undecided-page.tsx')).UndecidedPage,
}))

/** The frame of every page. */
export function Shell() {
  const [path] = useLocation()
  return (
    <div className="shell">
      <Navigation />
      <main className="page" id="page" tabIndex={-1}>
        <PageBoundary key={path}>
          <Suspense>
            <Switch>
              {VIEWS.map((view) => (
                <Route key={view.path} path={view.path}>
                  <ViewPage key={view.path} view={view} />
                </Route>
              ))}
              <Route path="/lists/:id">{({ id }) => <ListPage key={id} id={id} />}</Route>
              <Route path="/tags/:tag">
                <TagRoute />
              </Route>
              <Route path="/search">
                <SearchPage />
              </Route>
              <Route path="/undecided">
                <UndecidedPage />
              </Route>
              <Route path="/import">
                <ImportPage />
              </Route>
              <Route path="/export">
                <ExportPage />
              </Route>
              <Route path="/settings">
                <SettingsPage />
              </Route>
              <Route>
                <Redirect to="/" replace />
              </Route>
            </Switch>
          </Suspense>
        </PageBoundary>
      </main>
      <footer className="state">
        <UndoBar />
        <NewVersion />
        <StorageNotice />
        <SyncState />
      </footer>
      <OpenTask />
      <Shortcuts />
    </div>
  )
}

function TagRoute() {
  const tag = tagOfAddress(usePathname())
  return <TagPage key={tag} tag={tag} />
}

/** The details, whose parts may fail to load without harm to the page. */
function OpenTask() {
  const [id, open] = useOpenTask()
  return (
    <PageBoundary key={id} instead={<NoDetail close={() => open(undefined)} />}>
      <Detail />
    </PageBoundary>
  )
}

const NoDetail = ({ close }: { close(): void }) => (
  <aside className="detail" aria-label="Task">
    <NotShown>{NOT_LOADED}</NotShown>
    <button type="button" className="link" onClick={close}>
      Close
    </button>
  </aside>
)
