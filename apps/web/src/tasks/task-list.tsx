import type { Task } from '@taskwire/client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import { BulkBar } from './bulk-bar.tsx'
import { type Entry, entriesOf } from './entries.ts'
import { TaskRow } from './task-row.tsx'
import { useListKeys } from './use-list-keys.ts'
import { useSelection } from './use-selection.ts'
import { formatDate } from './words.ts'

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
}

/** A list of tasks of any length: only the rows in sight are in the document. */
export function TaskList({ name, tasks, isOrdered, isByDate }: TaskListProps) {
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
  const keys = useListKeys({
    tasks,
    selection,
    isOrdered,
    show: (task) => virtual.scrollToIndex(indexOf(entries, task)),
  })
  return (
    <>
      <BulkBar selection={selection} />
      <div ref={scroller} className="scroller" id="tasks">
        <div
          role="grid"
          aria-label={name}
          aria-rowcount={tasks.length}
          aria-multiselectable
          className="task-list"
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={keys.onKeyDown}
        >
          {virtual.getVirtualItems().map(({ index, start, key }) => {
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
                  <h2>{entry === undefined ? '' : formatDate(entry.date)}</h2>
                ) : (
                  <TaskRow
                    task={entry.task}
                    row={entry.row}
                    isActive={keys.activeId === entry.task.id}
                    isSelected={selection.ids.has(entry.task.id)}
                    takesFocus={keys.takesFocus}
                    onFocus={keys.onFocus}
                    onSelect={selection.click}
                  />
                )}
              </div>
            )
          })}
        </div>
      </div>
    </>
  )
}

const indexOf = (entries: readonly Entry[], { id }: Task): number => entries.findIndex(({ key }) => key === id)
