import { LIMITS } from '@taskwire/client'
import { useCounts, useTags } from '@taskwire/client/react'
import { AtSign, Command, Download, Menu, Plus, Search, Settings, Upload, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useLocation } from 'wouter'
import { SignOut } from '../account/sign-out.tsx'
import { useActions } from '../actions/provider.tsx'
import { formText } from '../calls/form-text.ts'
import { usePalette } from '../palette/palette-provider.tsx'
import { useToday } from '../views/today.ts'
import { type View, VIEWS } from '../views/views.ts'
import { addressOfList, addressOfTag } from './addresses.ts'
import { ListLinks } from './list-links.tsx'
import { NavItem } from './nav-item.tsx'
import { TaskTarget } from './task-target.tsx'

/** The links to all views, lists and tags. On a phone, most of them are behind a button. */
export function Navigation() {
  const palette = usePalette()
  const [isOpen, setOpen] = useState(false)
  return (
    <nav
      className="navigation"
      aria-label="Views"
      data-open={isOpen || undefined}
      onClick={({ target }) => target instanceof Element && target.closest('a, .command') !== null && setOpen(false)}
      onKeyDown={({ key }) => key === 'Escape' && setOpen(false)}
    >
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <ul className="views">
        {VIEWS.map((view) => (
          <ViewLink key={view.path} view={view} />
        ))}
        <NavItem href="/search" icon={<Search aria-hidden />}>
          Search
        </NavItem>
        <li>
          <button type="button" className="command" onClick={() => palette.open()}>
            <Command aria-hidden />
            <span className="name">Commands</span>
          </button>
        </li>
      </ul>
      <button type="button" className="menu-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? <X aria-hidden /> : <Menu aria-hidden />}
        <span className="name">{isOpen ? 'Close' : 'Menu'}</span>
      </button>
      <div className="more">
        <h2>Lists</h2>
        <ListLinks />
        <AddList />
        <TagLinks />
        <AccountLinks />
      </div>
    </nav>
  )
}

function TagLinks() {
  const actions = useActions()
  const tags = useTags()
  if (tags.length === 0) return null
  return (
    <>
      <h2>Tags</h2>
      <ul>
        {tags.map(({ tag, count }) => (
          <TaskTarget
            key={tag}
            href={addressOfTag(tag)}
            icon={<AtSign aria-hidden />}
            count={count}
            onTasks={async (tasks) => await actions.addTag(tasks, tag)}
          >
            {tag}
          </TaskTarget>
        ))}
      </ul>
    </>
  )
}

const AccountLinks = () => (
  <ul className="account-links">
    <NavItem href="/import" icon={<Upload aria-hidden />}>
      Import
    </NavItem>
    <NavItem href="/export" icon={<Download aria-hidden />}>
      Export
    </NavItem>
    <NavItem href="/settings" icon={<Settings aria-hidden />}>
      Settings
    </NavItem>
    <li>
      <SignOut />
    </li>
  </ul>
)

function ViewLink({ view: { path, name, icon: Icon, filter, onDrop, isCounted } }: { view: View }) {
  const actions = useActions()
  const today = useToday()
  const { total } = useCounts(filter(today))
  return (
    <TaskTarget
      href={path}
      icon={<Icon aria-hidden />}
      count={isCounted === true ? total : 0}
      onTasks={onDrop && (async (tasks) => await onDrop(tasks, actions, today))}
    >
      {name}
    </TaskTarget>
  )
}

function AddList() {
  const { addList } = useActions()
  const [, navigate] = useLocation()
  const [isOpen, setOpen] = useState(false)
  async function add(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const name = formText(new FormData(event.currentTarget), 'name').trim()
    setOpen(false)
    const list = name === '' ? undefined : await addList(name)
    if (list !== undefined) navigate(addressOfList(list.id))
  }
  return isOpen ? (
    <form onSubmit={(event) => void add(event)}>
      <input
        name="name"
        aria-label="Name of the new list"
        dir="auto"
        maxLength={LIMITS.listName}
        autoFocus
        onBlur={() => setOpen(false)}
      />
    </form>
  ) : (
    <button type="button" className="link" onClick={() => setOpen(true)}>
      <Plus aria-hidden /> Add list
    </button>
  )
}
