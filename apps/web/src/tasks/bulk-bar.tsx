import {
  CalendarDays,
  CircleCheck,
  Flag,
  FolderInput,
  Hash,
  ListChecks,
  type LucideIcon,
  RotateCcw,
  Trash2,
  X,
} from 'lucide-react'
import { useEffect } from 'react'
import { useActions } from '../actions/provider.tsx'
import { useErase } from '../actions/use-erase.ts'
import { usePalette } from '../palette/palette-provider.tsx'
import type { Selection } from './use-selection.ts'

/** What can be done to the selected tasks. Choices are made in the palette. */
export function BulkBar({ selection, onEnd }: { selection: Selection; onEnd(): void }) {
  const { tasks, all } = selection
  useEffect(
    () => () => {
      // Where the bar was, the focus would be lost.
      if (document.activeElement === document.body) document.querySelector<HTMLElement>(ACTIVE_ROW)?.focus()
    },
    [],
  )
  return (
    <div role="group" aria-label="Selected tasks" className="bulk-bar">
      <span aria-live="polite">{tasks.length} selected</span>
      {tasks.length > 0 && (
        <span className="bulk-commands">
          <Commands tasks={tasks} />
        </span>
      )}
      <BarButton icon={ListChecks} name="Select all" onClick={all} />
      <button type="button" aria-label="Cancel" title="Cancel" onClick={onEnd}>
        <X aria-hidden />
      </button>
    </div>
  )
}

const ACTIVE_ROW = '.task-list [role=row][tabindex="0"]'

function Commands({ tasks }: Pick<Selection, 'tasks'>) {
  const actions = useActions()
  const erase = useErase()
  const palette = usePalette()
  if (tasks.every(({ deletedAt }) => deletedAt !== null))
    return (
      <>
        <BarButton icon={RotateCcw} name="Restore" onClick={() => void actions.restore(tasks)} />
        <BarButton icon={Trash2} name="Erase" onClick={() => void erase(tasks)} />
      </>
    )
  const isDone = tasks.every(({ complete }) => complete)
  return (
    <>
      <BarButton
        icon={CircleCheck}
        name={isDone ? 'Reopen' : 'Complete'}
        onClick={() => void actions.complete(tasks, !isDone)}
      />
      <BarButton icon={FolderInput} name="Move" onClick={() => palette.open('move')} />
      <BarButton icon={CalendarDays} name="Due" onClick={() => palette.open('due')} />
      <BarButton icon={Flag} name="Priority" onClick={() => palette.open('priority')} />
      <BarButton icon={Hash} name="Tags" onClick={() => palette.open('tag')} />
      <BarButton icon={Trash2} name="Delete" onClick={() => void actions.trash(tasks)} />
    </>
  )
}

function BarButton({ icon: Icon, name, onClick }: { icon: LucideIcon; name: string; onClick(): void }) {
  return (
    <button type="button" onClick={onClick}>
      <Icon aria-hidden />
      {name}
    </button>
  )
}
