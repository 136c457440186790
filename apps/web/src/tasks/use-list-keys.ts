import type { Task } from '@taskwire/client'
import { type KeyboardEvent, useRef, useState } from 'react'
import { afterStep } from '../actions/places.ts'
import { useActions } from '../actions/provider.tsx'
import { useKeyActions } from './use-key-actions.ts'
import type { Selection } from './use-selection.ts'

interface Options {
  tasks: readonly Task[]
  selection: Selection
  isOrdered: boolean
  /** Scrolls to a task. */
  show(task: Task): void
  /** Ends the selection. */
  onEscape(): void
}

interface ListKeys {
  /** The row that Tab reaches. */
  activeId: string | undefined
  /** Whether the active row takes the focus when it appears. */
  takesFocus(): boolean
  /** The tasks on which commands act: the selected ones, or else the active one if the list has the focus. */
  chosen(): readonly Task[]
  onFocus(task: Task): void
  onKeyDown(event: KeyboardEvent): void
}

/** How far each key goes. */
const STEPS: Partial<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  k: -1,
  j: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
}

/** The keyboard of a list: moves from row to row, and acts on the selected rows, or else on the active one. */
export function useListKeys({ tasks, selection, isOrdered, show, onEscape }: Options): ListKeys {
  const actions = useActions()
  const act = useKeyActions(selection, onEscape)
  const [wanted, setWanted] = useState({ id: tasks[0]?.id, index: 0 })
  const hasFocus = useRef(false)

  // When the active task leaves the list, the next one takes its place.
  const found = tasks.findIndex(({ id }) => id === wanted.id)
  const index = found === -1 ? Math.min(wanted.index, tasks.length - 1) : found
  const active = tasks[index]
  const chosen = (): readonly Task[] =>
    selection.tasks.length > 0 ? selection.tasks : active === undefined ? [] : [active]

  function go(steps: number, isExtending: boolean): void {
    const next = Math.max(0, Math.min(tasks.length - 1, index + steps))
    const task = tasks[next]
    if (task === undefined || active === undefined) return
    if (isExtending && selection.tasks.length === 0) selection.click(active, 'only')
    if (isExtending) selection.click(task, 'extend')
    setWanted({ id: task.id, index: next })
    show(task)
  }
  function place(steps: -1 | 1): void {
    const all = chosen()
    const after = afterStep(tasks, all, steps)
    const [first] = all
    if (first !== undefined && after !== undefined) void actions.place(all, first.listId, after)
  }
  return {
    activeId: active?.id,
    takesFocus() {
      // A row that moves in the document loses the focus.
      const isFree = document.activeElement === document.body || document.activeElement?.closest('[role=grid]') !== null
      return hasFocus.current && isFree
    },
    chosen: () =>
      selection.tasks.length > 0 || document.activeElement?.matches('[role=row]') === true ? chosen() : [],
    onFocus(task) {
      hasFocus.current = true
      setWanted({ id: task.id, index: tasks.indexOf(task) })
    },
    onKeyDown(event) {
      // Inside a row, keys belong to its controls.
      if (!(event.target instanceof Element && event.target.matches('[role=row]'))) return
      const steps = STEPS[event.key]
      const isArrow = event.key === 'ArrowUp' || event.key === 'ArrowDown'
      if (event.altKey && isArrow && isOrdered) place(event.key === 'ArrowUp' ? -1 : 1)
      else if ((event.ctrlKey || event.metaKey) && event.key === 'a') selection.all()
      else if (event.ctrlKey || event.metaKey || event.altKey) return
      else if (steps !== undefined) go(steps, event.shiftKey)
      // A key that is held would go on with the next task.
      else if (event.repeat || !act(event.key, active, chosen())) return
      event.preventDefault()
    },
  }
}
