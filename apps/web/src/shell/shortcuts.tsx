import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { useUndo } from '../actions/provider.tsx'
import type { PalettePage } from '../palette/command.ts'
import { usePalette } from '../palette/palette-provider.tsx'
import { useAddTask } from '../quick-add/use-add-task.ts'
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
  ['?', 'Show these shortcuts'],
]

/** The pages of the palette that a key opens. */
const PAGES: Partial<Record<string, PalettePage>> = { v: 'move', d: 'due', p: 'priority', t: 'tag' }

/** True if a key is not for a field, a dialog or the browser, and nothing else has used it. */
function isCommand({ target, ctrlKey, metaKey, altKey, defaultPrevented }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented || !(target instanceof Element)) return false
  return !target.matches('input:not([type=checkbox]), textarea, select, dialog[open] *')
}

/** Goes to a view by two keys, of which `g` is the first. */
function useGoKeys(navigate: (path: string) => void): void {
  useEffect(() => {
    let isGoing = false
    function onKeyDown(event: KeyboardEvent): void {
      const place = isGoing ? KEYED.find(({ key }) => key === event.key)?.path : undefined
      isGoing = event.key === 'g' && isCommand(event)
      if (place === undefined || !isCommand(event)) return
      event.preventDefault()
      event.stopPropagation()
      navigate(place)
    }
    // Before the keys of a list, of which some are the same.
    addEventListener('keydown', onKeyDown, { capture: true })
    return () => removeEventListener('keydown', onKeyDown, { capture: true })
  }, [navigate])
}

export function Shortcuts() {
  const palette = usePalette()
  const { undo } = useUndo()
  const [, navigate] = useLocation()
  const addTask = useAddTask()
  const dialog = useRef<HTMLDialogElement>(null)
  useGoKeys(navigate)
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault()
        if (document.querySelector('dialog[open]') === null) palette.open()
        return
      }
      // A key that is held does nothing more.
      if (!isCommand(event) || event.repeat) return
      const page = PAGES[event.key]
      if (page !== undefined) palette.open(page)
      else if (event.key === 'q') addTask()
      else if (event.key === '/') navigate('/search')
      else if (event.key === 'z') void undo()
      else if (event.key === '?') dialog.current?.showModal()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [navigate, undo, palette, addTask])
  return (
    <dialog ref={dialog} id="keys" aria-labelledby="keys-title" closedby="any">
      <h2 id="keys-title">Keyboard shortcuts</h2>
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
