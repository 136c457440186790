import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { useUndo } from '../actions/provider.tsx'
import type { PalettePage } from '../palette/command.ts'
import { usePalette } from '../palette/palette-provider.tsx'
import { VIEWS } from '../views/views.ts'

const KEYED = VIEWS.filter(({ key }) => key !== undefined)

/** The keys that work everywhere. Those of a list are in use-list-keys.ts. */
const HELP: readonly [keys: string, what: string][] = [
  ['Ctrl K, ⌘ K', 'Do anything, go anywhere, find a task'],
  ['q', 'Add a task'],
  ['/', 'Search'],
  [`g ${KEYED.map(({ key }) => key).join(', g ')}`, `Go to ${KEYED.map(({ name }) => name).join(', ')}`],
  ['z', 'Undo'],
  ['↑ ↓, j k', 'Go from task to task'],
  ['Enter', 'Open the task'],
  ['c', 'Complete or reopen'],
  ['x, Space', 'Select; with Shift and an arrow, more'],
  ['v, d, p, t', 'Change the list, the due date, the priority, the tags'],
  ['Alt ↑, Alt ↓', 'Move the task up or down; in the navigation, the list'],
  ['Delete', 'Move to the trash'],
  ['Esc', 'Close, or select none'],
  ['?', 'Show these keys'],
]

/** The pages of the palette that a key opens. */
const PAGES: Partial<Record<string, PalettePage>> = { v: 'move', d: 'due', p: 'priority', t: 'tag' }

export function Shortcuts() {
  const palette = usePalette()
  const { undo } = useUndo()
  const [, navigate] = useLocation()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    let isGoing = false
    function onKeyDown(event: KeyboardEvent): void {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault()
        if (document.querySelector('dialog[open]') === null) palette.open()
        return
      }
      const isTyping = (event.target as Element).matches('input:not([type=checkbox]), textarea, select, dialog *')
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const place = isGoing ? KEYED.find(({ key }) => key === event.key)?.path : undefined
      const page = PAGES[event.key]
      isGoing = event.key === 'g'
      if (place !== undefined) navigate(place)
      else if (page !== undefined) palette.open(page)
      else if (event.key === 'q') document.querySelector<HTMLElement>('[aria-label="Add task"]')?.focus()
      else if (event.key === '/') navigate('/search')
      else if (event.key === 'z') void undo()
      else if (event.key === '?') dialog.current?.showModal()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [navigate, undo, palette])
  return (
    <dialog ref={dialog} id="keys" aria-labelledby="keys-title" closedby="any">
      <h2 id="keys-title">Keys</h2>
      <dl className="keys">
        {HELP.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  )
}
