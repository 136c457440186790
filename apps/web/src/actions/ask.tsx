import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'

/** A question before something that cannot be undone. */
export interface Question {
  /** Such as `Erase “Buy milk” for good?`. */
  title: string
  text?: string
  /** The button that does it, such as `Erase`. */
  yes: string
}

type Ask = (question: Question) => Promise<boolean>
interface Asked extends Question {
  answer(yes: boolean): void
}

const AskContext = createContext<Ask | undefined>(undefined)

/** Shows the questions of `useAsk`. */
export function AskProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked>()
  const ask = useCallback<Ask>(async (question) => await new Promise((answer) => setAsked({ ...question, answer })), [])
  return (
    <AskContext value={ask}>
      {children}
      {asked !== undefined && (
        <AskDialog
          asked={asked}
          close={(yes) => {
            setAsked(undefined)
            asked.answer(yes)
          }}
        />
      )}
    </AskContext>
  )
}

function AskDialog({ asked: { title, text, yes }, close }: { asked: Asked; close(yes: boolean): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      className="ask"
      aria-labelledby="ask-title"
      aria-describedby="ask-text"
      closedby="any"
      onClose={({ currentTarget }) => close(currentTarget.returnValue === 'yes')}
    >
      <h2 id="ask-title">{title}</h2>
      <p id="ask-text">{text ?? 'This cannot be undone.'}</p>
      <form method="dialog" className="answers">
        <button value="no" autoFocus>
          Cancel
        </button>
        <button value="yes" className="danger">
          {yes}
        </button>
      </form>
    </dialog>
  )
}

/** Returns a function that asks the user, and resolves with whether to do it. */
export function useAsk(): Ask {
  const ask = useContext(AskContext)
  if (ask === undefined) throw new Error('Nothing can be asked: render this component inside <AskProvider>')
  return ask
}
