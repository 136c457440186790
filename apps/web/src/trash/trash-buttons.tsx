import type { Task } from '@taskwire/client'
import { RotateCcw, Trash2 } from 'lucide-react'
import { useActions } from '../actions/provider.tsx'
import { useErase } from '../actions/use-erase.ts'

/** What can be done to a row of the trash. Tab reaches the buttons of the active row. */
export function TrashButtons({ task, isActive }: { task: Task; isActive: boolean }) {
  const actions = useActions()
  const erase = useErase()
  const tabIndex = isActive ? 0 : -1
  return (
    <span role="gridcell" className="row-actions" onClick={(event) => event.stopPropagation()}>
      <button
        type="button"
        className="icon"
        tabIndex={tabIndex}
        aria-label={`Restore “${task.title}”`}
        title="Restore"
        onClick={() => void actions.restore([task])}
      >
        <RotateCcw aria-hidden />
      </button>
      <button
        type="button"
        className="icon"
        tabIndex={tabIndex}
        aria-label={`Erase “${task.title}”`}
        title="Erase for good"
        onClick={() => void erase([task])}
      >
        <Trash2 aria-hidden />
      </button>
    </span>
  )
}
