import { useCallback } from 'react'
import { flushSync } from 'react-dom'
import { useLocation } from 'wouter'

/** The id of the field in which tasks are added. */
export const QUICK_ADD = 'quick-add'

/** Returns a function that puts the focus into the field in which tasks are added: of this page, or else of the inbox. */
export function useAddTask(): () => void {
  const [, navigate] = useLocation()
  return useCallback(() => {
    // The field has to be there when it gets the focus.
    if (document.getElementById(QUICK_ADD) === null) flushSync(() => navigate('/'))
    document.getElementById(QUICK_ADD)?.focus()
  }, [navigate])
}
