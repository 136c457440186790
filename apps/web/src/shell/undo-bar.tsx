import { X } from 'lucide-react'
import { useEffect } from 'react'
import { useUndo } from '../actions/provider.tsx'

/** Milliseconds for which the last action is shown. It can be undone later too, by the keyboard. */
const SHOWN_MS = 8000

/** Says what was done last, and offers to undo it. */
export function UndoBar() {
  const { last, problem, undone, undo, dismiss } = useUndo()
  useEffect(() => {
    // A problem stays until it is read.
    if ((last ?? undone) === undefined || problem !== undefined) return
    const timer = setTimeout(dismiss, SHOWN_MS)
    return () => clearTimeout(timer)
  }, [last, undone, problem, dismiss])
  return (
    <div className="undo-bar" aria-live="polite">
      {problem !== undefined && (
        <>
          <span>{problem}</span>
          <button type="button" className="icon" aria-label="Close the message" onClick={dismiss}>
            <X aria-hidden />
          </button>
        </>
      )}
      {problem === undefined && last === undefined && undone !== undefined && <span>Undone: {undone}</span>}
      {problem === undefined && last !== undefined && (
        <>
          <span>{last.text}</span>
          <button type="button" className="link" onClick={() => void undo()}>
            Undo
          </button>
        </>
      )}
    </div>
  )
}
