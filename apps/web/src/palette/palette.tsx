import type { Task } from '@taskwire/client'
import { useEffect, useRef, useState } from 'react'
import { named } from '../actions/done.ts'
import type { Command, PalettePage } from './command.ts'
import { CommandBox } from './command-box.tsx'
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
  function show(next: PalettePage): void {
    setPage(next)
    setText('')
  }
  function run({ does }: Command): void {
    if (typeof does === 'string') return show(does)
    // First the focus returns to where it was, from where the command may take it on.
    dialog.current?.close()
    does()
  }
  const label = labelOf(page, tasks)
  return (
    <dialog ref={dialog} className="palette" aria-label={label} closedby="any" onClose={onClose}>
      <CommandBox
        key={page}
        label={label}
        text={text}
        onText={setText}
        commands={commands}
        onRun={run}
        onBack={() => show('all')}
      />
      <p role="status" className="empty">
        {commands.length === 0 && (page === 'new-list' ? 'Write its name.' : 'Nothing found.')}
      </p>
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
