import type { Task } from '@taskwire/client'
import { useEffect, useRef, useState } from 'react'
import { Autocomplete } from 'react-aria-components/Autocomplete'
import { Header } from 'react-aria-components/Header'
import { Input } from 'react-aria-components/Input'
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu'
import { TextField } from 'react-aria-components/TextField'
import { named } from '../actions/done.ts'
import { type Command, groupsOf, type PalettePage } from './command.ts'
import { useCommands } from './use-commands.ts'

interface PaletteProps {
  /** The page on which it opens. */
  page: PalettePage
  /** The tasks on which it acts. */
  tasks: readonly Task[]
  onClose(): void
}

/** Everything that can be done, found by its words. */
export function Palette({ page: firstPage, tasks, onClose }: PaletteProps) {
  const [page, setPage] = useState(firstPage)
  const [text, setText] = useState('')
  const commands = useCommands(page, text, tasks)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  function run({ does }: Command): void {
    setText('')
    if (typeof does === 'string') return setPage(does)
    // First the focus returns to where it was, from where the command may take it on.
    dialog.current?.close()
    does()
  }
  const label = labelOf(page, tasks)
  return (
    <dialog ref={dialog} className="palette" aria-label={label} closedby="any" onClose={onClose}>
      <Autocomplete inputValue={text} onInputChange={setText}>
        <TextField
          aria-label={label}
          autoFocus
          onKeyDown={({ key }) => {
            if (key === 'Escape') dialog.current?.close()
            else if (key === 'Backspace' && text === '') setPage('all')
          }}
        >
          <Input placeholder={label} enterKeyHint="go" />
        </TextField>
        <Menu
          aria-label="Commands"
          className="commands"
          renderEmptyState={() => <p className="empty">{page === 'new-list' ? 'Write its name.' : 'Nothing found.'}</p>}
        >
          {groupsOf(commands).map(([group, some]) => (
            <MenuSection key={group} id={group}>
              <Header>{group}</Header>
              {some.map((command) => (
                <MenuItem key={command.id} id={command.id} textValue={command.name} onAction={() => run(command)}>
                  <span dir="auto">{command.name}</span>
                  {command.key !== undefined && <kbd>{command.key}</kbd>}
                </MenuItem>
              ))}
            </MenuSection>
          ))}
        </Menu>
      </Autocomplete>
    </dialog>
  )
}

function labelOf(page: PalettePage, tasks: readonly Task[]): string {
  switch (page) {
    case 'all':
      return 'What to do, where to go, or a task to find'
    case 'move':
      return `Where to move ${named(tasks)}`
    case 'due':
      return `When is ${named(tasks)} due? Such as friday 9am`
    case 'priority':
      return `Priority of ${named(tasks)}`
    case 'tag':
      return `Tags of ${named(tasks)}`
    case 'new-list':
      return 'Name of the new list'
  }
}
