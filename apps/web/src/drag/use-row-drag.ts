import { autoScrollForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element'
import type { Task } from '@taskwire/client'
import { type RefObject, useEffect } from 'react'
import { named } from '../actions/done.ts'
import { afterDrop } from '../actions/places.ts'
import { useActions } from '../actions/provider.tsx'
import type { Selection } from '../tasks/use-selection.ts'
import type { Spot } from './use-drop.ts'

interface Options {
  tasks: readonly Task[]
  selection: Selection
  isOrdered: boolean
  scroller: RefObject<HTMLElement | null>
}

/** How the rows of a list are dragged. */
export interface RowDrag {
  isOrdered: boolean
  /** The tasks that are dragged by the row of one: all selected ones, if it is among them. */
  dragged(task: Task): readonly Task[]
  /** What is shown beside the pointer. */
  nameOf(task: Task): string
  /** Puts tasks beside another one. */
  onDrop(tasks: readonly Task[], over: Task, spot: Spot): void
}

export function useRowDrag({ tasks, selection, isOrdered, scroller }: Options): RowDrag {
  const actions = useActions()
  useEffect(() => {
    if (scroller.current === null) return
    return autoScrollForElements({ element: scroller.current })
  }, [scroller])
  const dragged = (task: Task): readonly Task[] => (selection.ids.has(task.id) ? selection.tasks : [task])
  return {
    isOrdered,
    dragged,
    nameOf(task) {
      const all = dragged(task)
      return all.length === 1 ? task.title : named(all)
    },
    onDrop(moved, over, spot) {
      const after = afterDrop(tasks, moved, over.id, spot === 'top' ? 'top' : 'bottom')
      const isAlone = moved.length === 1 && moved[0]?.id === over.id
      if (after !== undefined && !isAlone) void actions.place(moved, over.listId, after)
    },
  }
}
