import type { Task } from '@taskwire/client'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
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
  const [wanted, setWanted] = useState(0)
  const groups = groupsOf(useCommands(page, text, tasks))
  const commands = groups.flatMap(([, some]) => some)
  const active = commands[Math.min(wanted, commands.length - 1)]
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const optionId = (command: Command): string => `${id}-${commands.indexOf(command)}`
  useEffect(() => dialog.current?.showModal(), [])
  function show(nextPage: PalettePage, nextText: string): void {
    setPage(nextPage)
    setText(nextText)
    setWanted(0)
  }
  function run({ does }: Command): void {
    if (typeof does === 'string') return show(does, '')
    // First the focus returns to where it was, from where the command may take it on.
    dialog.current?.close()
    does()
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && active !== undefined)
      setWanted((commands.indexOf(active) + step + commands.length) % commands.length)
    else if (event.key === 'Enter' && active !== undefined) run(active)
    else if (event.key === 'Backspace' && text === '') show('all', '')
    else return
    event.preventDefault()
  }
  const label = labelOf(page, tasks)
  return (
    <dialog ref={dialog} className="palette" aria-label={label} closedby="any" onClose={onClose}>
      <input
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-autocomplete="list"
        aria-controls={id}
        aria-activedescendant={active && optionId(active)}
        placeholder={label}
        autoComplete="off"
        autoFocus
        enterKeyHint="go"
        value={text}
        onChange={({ target }) => show(page, target.value)}
        onKeyDown={onKeyDown}
      />
      <div id={id} role="listbox" aria-label="Commands" className="commands">
        {groups.map(([group, some]) => (
          <div key={group} role="group" aria-label={group}>
            <div aria-hidden className="group">
              {group}
            </div>
            {some.map((command) => (
              <Option
                key={command.id}
                id={optionId(command)}
                command={command}
                isActive={command === active}
                onPoint={() => setWanted(commands.indexOf(command))}
                onChoose={() => run(command)}
              />
            ))}
          </div>
        ))}
      </div>
      <p role="status" className="empty">
        {commands.length === 0 && (page === 'new-list' ? 'Write its name.' : 'Nothing found.')}
      </p>
    </dialog>
  )
}

interface OptionProps {
  id: string
  command: Command
  isActive: boolean
  onPoint(): void
  onChoose(): void
}

/** A command. The focus stays in the field above. */
function Option({ id, command, isActive, onPoint, onChoose }: OptionProps) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: 'nearest' })
  }, [isActive])
  return (
    <div
      ref={element}
      id={id}
      role="option"
      aria-selected={isActive}
      className="command"
      onPointerMove={onPoint}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <span dir="auto">{command.name}</span>
      {command.key !== undefined && <kbd>{command.key}</kbd>}
    </div>
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
