import { useRef, useState } from 'react'

/** Stores a value. What it resolves with is false if that failed. */
export type Save = (value: string) => Promise<boolean> | void

interface Draft {
  text: string
  /** The value of the field when the user began. */
  was: string
  /** How it is saved; undefined until the next keystroke, if the field was saved since the first one. */
  onSave: Save | undefined
}

interface Field {
  /** What the field shows. */
  text: string
  set(text: string): void
  /** Forgets what was typed. */
  reset(): void
  save(): Promise<void>
}

/**
 * A field that is saved when the user leaves it. While it is edited, changes from elsewhere do not replace the text. It
 * is saved by the `onSave` of the first keystroke, which knows what the user saw then.
 */
export function useDraft(value: string, onSave: Save): Field {
  const [draft, setDraft] = useState<Draft>()
  const storing = useRef<string>(undefined)
  const reset = (): void => setDraft(undefined)
  return {
    text: draft?.text ?? value,
    set: (text) => setDraft((old) => ({ was: old?.was ?? value, onSave: old?.onSave ?? onSave, text })),
    reset,
    async save() {
      if (draft === undefined || storing.current === draft.text) return
      const { text, was } = draft
      if (text === was || text === value) return reset()
      storing.current = text
      const isStored = await (draft.onSave ?? onSave)(text)
      storing.current = undefined
      // What was typed meanwhile stays, and so does what could not be stored.
      if (isStored !== false)
        setDraft((now) =>
          now === undefined || now.text === text ? undefined : { ...now, was: text, onSave: undefined },
        )
    },
  }
}
