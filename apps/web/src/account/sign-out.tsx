import { signOut } from '@taskwire/client'
import { useStore } from '@taskwire/client/react'
import { LogOut } from 'lucide-react'
import { type RefObject, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { useLocation } from 'wouter'
import { failureWords } from '../calls/failure-words.ts'
import { client } from '../client.ts'

/** Why the user is not signed out, or not completely. */
interface Problem {
  title: string
  text: string
}

/** Ends the session, and erases the copy of the tasks on this device. It asks first if some changes were not sent yet. */
export function SignOut() {
  const store = useStore()
  const [, navigate] = useLocation()
  const dialog = useRef<HTMLDialogElement>(null)
  const [unsent, setUnsent] = useState(0)
  const [problem, setProblem] = useState<Problem>()
  async function leave(): Promise<void> {
    try {
      await signOut({ url: client.url })
    } catch (error) {
      return show({ title: 'You are still signed in', text: failureWords(error) })
    }
    navigate('/', { replace: true })
    try {
      await store.erase({ unsent: 'discard' })
    } catch (error) {
      show({
        title: 'You are signed out',
        text: `Your tasks are still on this device. Try again. ${failureWords(error)}`,
      })
    }
  }
  function show(next: Problem): void {
    setProblem(next)
    if (dialog.current?.open === false) dialog.current.showModal()
  }
  function ask(): void {
    const { pending, refused, conflicts } = store.sync.get()
    const count = pending.length + refused.length + conflicts.length
    setUnsent(count)
    setProblem(undefined)
    if (count > 0) dialog.current?.showModal()
    else void leave()
  }
  return (
    <>
      <button type="button" onClick={ask}>
        <LogOut aria-hidden />
        <span className="name">Sign out</span>
      </button>
      {/* Outside of the navigation, whose styles are not for dialogs. */}
      {createPortal(
        <LeaveDialog ref={dialog} unsent={unsent} problem={problem} leave={() => void leave()} />,
        document.body,
      )}
    </>
  )
}

interface LeaveDialogProps {
  ref: RefObject<HTMLDialogElement | null>
  /** How many changes would be lost. */
  unsent: number
  problem: Problem | undefined
  leave(): void
}

function LeaveDialog({ ref, unsent, problem, leave }: LeaveDialogProps) {
  return (
    <dialog ref={ref} aria-labelledby="leave-title" closedby="any">
      <h2 id="leave-title">{problem?.title ?? 'Some changes are not saved yet'}</h2>
      {problem === undefined && (
        <p>
          {unsent === 1 ? '1 change is' : `${unsent} changes are`} on this device only, and would be lost. Stay until
          everything is saved; what needs your decision is on the page “To decide”.
        </p>
      )}
      <p role="alert">{problem?.text}</p>
      <div className="row">
        <button type="button" className="primary" onClick={() => ref.current?.close()}>
          {problem === undefined ? 'Stay' : 'Close'}
        </button>
        <button type="button" className="danger" onClick={leave}>
          {problem === undefined ? 'Leave and lose them' : 'Try again'}
        </button>
      </div>
    </dialog>
  )
}
