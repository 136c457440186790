import type { Task } from '@taskwire/client'
import { useActions } from '../actions/provider.tsx'
import { useErase } from '../actions/use-erase.ts'
import { useOpenTask } from '../detail/open-task.ts'
import type { Selection } from './use-selection.ts'

/** Does what a key says to the active task or to the chosen ones. Returns false if the key says nothing. */
type KeyActions = (key: string, active: Task | undefined, chosen: readonly Task[]) => boolean

export function useKeyActions(selection: Selection, onEscape: () => void): KeyActions {
  const actions = useActions()
  const erase = useErase()
  const [, openTask] = useOpenTask()
  return (key, active, chosen) => {
    const isTrash = chosen.every(({ deletedAt }) => deletedAt !== null)
    switch (key) {
      case 'Enter':
        if (active !== undefined) openTask(active.id)
        return true
      case ' ':
      case 'x':
        if (active !== undefined) selection.click(active, 'toggle')
        return true
      case 'c':
        if (!isTrash) void actions.complete(chosen, !chosen.every(({ complete }) => complete))
        return true
      case 'Delete':
      case 'Backspace':
        void (isTrash ? erase(chosen) : actions.trash(chosen.filter(({ deletedAt }) => deletedAt === null)))
        return true
      case 'Escape':
        onEscape()
        return true
      default:
        return false
    }
  }
}
