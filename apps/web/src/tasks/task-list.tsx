import type { Task } from '@taskwire/client'
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { useRowDrag } from '../drag/use-row-drag.ts'
import { useChosenTasks } from '../palette/palette-provider.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { type Entry, entriesOf } from './entries.ts'
import { TaskRow } from './task-row.tsx'
import { useListKeys } from './use-list-keys.ts'
import { useSelection } from './use-selection.ts'
import { useToday } from '../views/today.ts'
import { formatDate, formatDay } from './words.ts'

/** Pixels, until a row has been measured. */
const ROW = 44

interface TaskListProps {
  /** What the list is called for those who do not see it. */
  name: string
  tasks: readonly Task[]
  /** Tasks can be placed by hand. */
  isOrdered: boolean
  /** Tasks are shown below their dates. */
  isByDate: boolean
  /** A click selects a task instead of opening it. */
  isSelecting: boolean
  setSelecting(isSelecting: boolean): void
}

/** A list of tasks of any length: only the rows in sight are in the document. */
export function TaskList({ name, tasks, isOrdered, isByDate, isSelecting, setSelecting }: TaskListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const entries = useMemo(() => entriesOf(tasks, isByDate), [tasks, isByDate])
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 8,
  })
  const selection = useSelection(tasks)
  useEffect(() => () => setSelecting(false), [setSelecting])
  function endSelecting(): void {
    selection.clear()
    setSelecting(false)
  }
  const keys = useListKeys({
    onEscape: endSelecting,
    tasks,
    selection,
    isOrdered,
    show: (task) => virtual.scrollToIndex(indexOf(entries, task)),
  })
  useChosenTasks(keys.chosen)
  const drag = useRowDrag({ tasks, selection, isOrdered, scroller })
  return (
    <>
      {(isSelecting || selection.tasks.length > 0) && <BulkBar selection={selection} onEnd={endSelecting} />}
      <div ref={scroller} className="scroller">
        <div
          role="grid"
          aria-label={name}
          aria-rowcount={tasks.length}
          aria-multiselectable
          className="task-list"
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={keys.onKeyDown}
        >
          <Rows virtual={virtual} entries={entries}>
            {(task, row) => (
              <TaskRow
                task={task}
                row={row}
                isActive={keys.activeId === task.id}
                isSelected={selection.ids.has(task.id)}
                takesFocus={keys.takesFocus}
                onFocus={keys.onFocus}
                onSelect={selection.click}
                isSelecting={isSelecting}
                drag={drag}
                // Tasks that are placed by hand are all of one list, whose page this is.
                showsList={!isOrdered}
              />
            )}
          </Rows>
        </div>
      </div>
    </>
  )
}

interface RowsProps {
  virtual: Virtualizer<HTMLDivElement, Element>
  entries: readonly Entry[]
  children(task: Task, row: number): ReactNode
}

/** The rows in sight, at their places. */
function Rows({ virtual, entries, children }: RowsProps) {
  return virtual.getVirtualItems().map(({ index, start, key }) => {
    const entry = entries[index]
    return (
      <div
        key={key}
        ref={virtual.measureElement}
        data-index={index}
        role="rowgroup"
        className="entry"
        style={{ transform: `translateY(${start}px)` }}
      >
        {entry?.task === undefined ? (
          <div role="row" className="date">
            <span role="rowheader">{entry === undefined ? '' : <DateOf date={entry.date} />}</span>
          </div>
        ) : (
          children(entry.task, entry.row)
        )}
      </div>
    )
  })
}

/** The date as people say it, and as the calendar has it. */
function DateOf({ date }: { date: string }) {
  const today = useToday()
  const [said, written] = [formatDate(date, today), formatDay(date)]
  return said === written ? said : `${said} · ${written}`
}

const indexOf = (entries: readonly Entry[], { id }: Task): number => entries.findIndex(({ key }) => key === id)
