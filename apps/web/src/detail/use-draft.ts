import { useEffect, useEffectEvent, useRef, useState } from 'react'

/** Stores a value. What it resolves with is false if that failed. */
export type Save = (value: string) => Promise<boolean> | void

interface Draft {
  text: string
  /** It can be saved as it is. */
  isValid: boolean
  /** The value of the field when the user began. */
  was: string
  /** How it is saved; undefined until the next keystroke, if the field was saved since the first one. */
  onSave: Save | undefined
}

interface Field {
  /** What the field shows. */
  text: string
  /** Takes what was typed. It is not saved while it is not valid. */
  set(text: string, isValid: boolean): void
  /** Forgets what was typed. */
  reset(): void
  /** Saves what was typed, if it is valid, by default as it was when it was typed. */
  save(isValid?: boolean): Promise<void>
}

/**
 * A field that is saved when the user leaves it, or the page. While it is edited, changes from elsewhere do not replace
 * the text. It is saved by the `onSave` of the first keystroke, which knows what the user saw then.
 */
export function useDraft(value: string, onSave: Save): Field {
  const [draft, setDraft] = useState<Draft>()
  const storing = useRef<string>(undefined)
  const reset = (): void => setDraft(undefined)
  async function save(isValid = draft?.isValid): Promise<void> {
    if (draft === undefined || isValid !== true || storing.current === draft.text) return
    const { text, was } = draft
    if (text === was || text === value) return reset()
    storing.current = text
    const isStored = await (draft.onSave ?? onSave)(text)
    storing.current = undefined
    // What was typed meanwhile stays, and so does what could not be stored.
    if (isStored !== false)
      setDraft((now) => (now === undefined || now.text === text ? undefined : { ...now, was: text, onSave: undefined }))
  }
  useSaveOnLeave(draft !== undefined && draft.text !== value, save)
  return {
    text: draft?.text ?? value,
    set: (text, isValid) =>
      setDraft((old) => ({ was: old?.was ?? value, onSave: old?.onSave ?? onSave, text, isValid })),
    reset,
    save,
  }
}

/** Saves when the field is removed, for example by Back. Before the page is left, the browser asks. */
export function useSaveOnLeave(isChanged: boolean, save: () => unknown): void {
  const saveNow = useEffectEvent(save)
  useEffect(() => () => void saveNow(), [])
  useEffect(() => {
    if (!isChanged) return
    const onUnload = (event: BeforeUnloadEvent): void => {
      event.preventDefault()
      void saveNow()
    }
    // A phone may end a hidden page without a word.
    const onHide = (): void => void (document.visibilityState === 'hidden' && saveNow())
    addEventListener('beforeunload', onUnload)
    document.addEventListener('visibilitychange', onHide)
    return () => {
      removeEventListener('beforeunload', onUnload)
      document.removeEventListener('visibilitychange', onHide)
    }
  }, [isChanged])
}
