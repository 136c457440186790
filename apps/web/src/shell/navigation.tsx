import { useCounts, useLists, useTags } from '@taskwire/client/react'
import { Download, Hash, ListTodo, Plus, Search, Settings, Upload } from 'lucide-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { SignOut } from '../account/sign-out.tsx'
import { useActions } from '../actions/provider.tsx'
import { useToday } from '../views/today.ts'
import { type View, VIEWS } from '../views/views.ts'

/** The links to all views, lists and tags. */
export function Navigation() {
  const lists = useLists()
  const tags = useTags()
  return (
    <nav className="navigation" aria-label="Views">
      <ul>
        {VIEWS.map((view) => (
          <ViewLink key={view.path} view={view} />
        ))}
        <Item href="/search" icon={<Search aria-hidden />}>
          Search
        </Item>
      </ul>
      <h2>Lists</h2>
      <ul>
        {lists.map(({ id, name }) => (
          <Item key={id} href={`/lists/${id}`} icon={<ListTodo aria-hidden />}>
            {name}
          </Item>
        ))}
      </ul>
      <AddList />
      {tags.length > 0 && <h2>Tags</h2>}
      <ul>
        {tags.map(({ tag, count }) => (
          <Item key={tag} href={`/tags/${encodeURIComponent(tag)}`} icon={<Hash aria-hidden />} count={count}>
            {tag}
          </Item>
        ))}
      </ul>
      <ul className="account-links">
        <Item href="/import" icon={<Upload aria-hidden />}>
          Import
        </Item>
        <Item href="/export" icon={<Download aria-hidden />}>
          Export
        </Item>
        <Item href="/settings" icon={<Settings aria-hidden />}>
          Settings
        </Item>
        <li>
          <SignOut />
        </li>
      </ul>
    </nav>
  )
}

/** Of the views that collect what is done, the number says nothing. */
const COUNTED = ['/', '/today', '/overdue']

function ViewLink({ view: { path, name, icon: Icon, filter } }: { view: View }) {
  const { total } = useCounts(filter(useToday()))
  return (
    <Item href={path} icon={<Icon aria-hidden />} count={COUNTED.includes(path) ? total : 0}>
      {name}
    </Item>
  )
}

interface ItemProps {
  href: string
  icon: ReactNode
  /** How many tasks are there; 0 is not shown. */
  count?: number
  children: string
}

function Item({ href, icon, count = 0, children }: ItemProps) {
  const [path] = useLocation()
  return (
    <li>
      <Link href={href} aria-current={path === href ? 'page' : undefined}>
        {icon}
        <span className="name">{children}</span>
        {count > 0 && <span className="count">{count}</span>}
      </Link>
    </li>
  )
}

function AddList() {
  const { addList } = useActions()
  const [, navigate] = useLocation()
  const [isOpen, setOpen] = useState(false)
  async function add(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    setOpen(false)
    if (name !== '') navigate(`/lists/${(await addList(name)).id}`)
  }
  return isOpen ? (
    <form onSubmit={(event) => void add(event)}>
      <input name="name" aria-label="Name of the new list" maxLength={100} autoFocus onBlur={() => setOpen(false)} />
    </form>
  ) : (
    <button type="button" className="link" onClick={() => setOpen(true)}>
      <Plus aria-hidden /> Add list
    </button>
  )
}
