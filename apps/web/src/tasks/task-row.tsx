import type { Task } from '@taskwire/client'
import { useLists } from '@taskwire/client/react'
import { type MouseEvent, useLayoutEffect, useRef } from 'react'
import { useActions } from '../actions/provider.tsx'
import { useOpenTask } from '../detail/open-task.ts'
import { useToday } from '../views/today.ts'
import { useDrag } from '../drag/use-drag.ts'
import { useDrop } from '../drag/use-drop.ts'
import type { RowDrag } from '../drag/use-row-drag.ts'
import { TrashButtons } from '../trash/trash-buttons.tsx'
import type { How } from './selecting.ts'
import { useIsLate } from './use-is-late.ts'
import { capital, formatDue } from './words.ts'

interface TaskRowProps {
  task: Task
  /** Its number in the list, from 1. */
  row: number
  isActive: boolean
  isSelected: boolean
  takesFocus(): boolean
  onFocus(task: Task): void
  onSelect(task: Task, how: How): void
  /** A click selects the task instead of opening it. */
  isSelecting: boolean
  drag: RowDrag
  /** Says in which list the task is. */
  showsList: boolean
}

export function TaskRow(props: TaskRowProps) {
  const { task, row, isActive, isSelected, takesFocus, onFocus, onSelect, isSelecting, drag, showsList } = props
  const actions = useActions()
  const [, openTask] = useOpenTask()
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (isActive && takesFocus()) element.current?.focus()
  }, [isActive, row, takesFocus])
  const isTrash = task.deletedAt !== null
  const isDragged = useDrag(element, {
    isDraggable: !isTrash,
    dragged: () => ({ tasks: drag.dragged(task) }),
    name: () => drag.nameOf(task),
  })
  const spot = useDrop(element, {
    takes: ({ tasks }) => (tasks === undefined || !drag.isOrdered ? 'not' : 'beside'),
    onDrop: ({ tasks }, where) => tasks !== undefined && drag.onDrop(tasks, task, where),
  })

  function click(event: MouseEvent): void {
    if (event.shiftKey) onSelect(task, 'extend')
    else if (isSelecting || event.ctrlKey || event.metaKey) onSelect(task, 'toggle')
    else openTask(task.id)
  }
  return (
    <div
      ref={element}
      role="row"
      aria-rowindex={row}
      aria-selected={isSelected}
      tabIndex={isActive ? 0 : -1}
      className="task-row"
      data-complete={task.complete || undefined}
      data-priority={task.priority}
      data-selecting={isSelecting || undefined}
      data-dragged={isDragged || undefined}
      data-spot={spot}
      onFocus={({ target, currentTarget }) => target === currentTarget && onFocus(task)}
      onClick={click}
    >
      <span role="gridcell">
        <input
          type="checkbox"
          aria-label={task.title}
          checked={task.complete}
          disabled={isTrash}
          tabIndex={-1}
          onClick={(event) => event.stopPropagation()}
          onChange={() => void actions.complete([task], !task.complete)}
        />
      </span>
      <span role="gridcell" className="task-main">
        <span className="task-title" dir="auto">
          {task.title}
        </span>
        <Details task={task} showsList={showsList} />
      </span>
      {isTrash && !isSelecting && <TrashButtons task={task} isActive={isActive} />}
    </div>
  )
}

/** What the row says below the title. */
function Details({ task, showsList }: Pick<TaskRowProps, 'task' | 'showsList'>) {
  const today = useToday()
  const late = useIsLate(task)
  const list = useLists().find(({ id }) => showsList && id === task.listId)
  if (task.due === null && task.tags.length === 0 && list === undefined && task.priority === 'none') return null
  return (
    <span className="task-details">
      {task.due !== null && (
        <span className="due" data-late={late || undefined}>
          {formatDue(task.due, today)}
        </span>
      )}
      {task.priority !== 'none' && <span className="priority">{capital(task.priority)}</span>}
      {list !== undefined && <span>{list.name}</span>}
      {task.tags.map((tag) => (
        <span key={tag}>@{tag}</span>
      ))}
    </span>
  )
}
