import { signOut } from '@taskwire/client'
import { useStore } from '@taskwire/client/react'
import { LogOut } from 'lucide-react'
import { useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { useLocation } from 'wouter'
import { failureWords } from '../calls/failure-words.ts'
import { client } from '../client.ts'

/** Ends the session, and erases the copy of the tasks on this device. It asks first if some changes were not sent yet. */
export function SignOut() {
  const store = useStore()
  const [, navigate] = useLocation()
  const dialog = useRef<HTMLDialogElement>(null)
  const [unsent, setUnsent] = useState(0)
  const [problem, setProblem] = useState<string>()
  async function leave(): Promise<void> {
    try {
      await signOut({ url: client.url })
      navigate('/', { replace: true })
      await store.erase({ unsent: 'discard' })
    } catch (error) {
      setProblem(failureWords(error))
      if (dialog.current?.open === false) dialog.current.showModal()
    }
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
        <dialog ref={dialog} aria-labelledby="leave-title" closedby="any">
          <h2 id="leave-title">
            {problem === undefined ? 'Some changes are not saved yet' : 'You are still signed in'}
          </h2>
          {unsent > 0 && (
            <p>
              {unsent === 1 ? '1 change is' : `${unsent} changes are`} on this device only, and would be lost. Stay
              until everything is saved.
            </p>
          )}
          <p role="alert">{problem}</p>
          <div className="row">
            <button type="button" className="primary" onClick={() => dialog.current?.close()}>
              Stay
            </button>
            <button type="button" className="danger" onClick={() => void leave()}>
              {unsent > 0 ? 'Leave and lose them' : 'Try again'}
            </button>
          </div>
        </dialog>,
        document.body,
      )}
    </>
  )
}
