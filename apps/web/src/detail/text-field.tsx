import { useId } from 'react'
import { type Save, useDraft } from './use-draft.ts'

interface TextFieldProps {
  label: string
  value: string
  /** Most characters. */
  max: number
  isLong?: boolean
  isRequired?: boolean
  /** Called with a new value when the user leaves the field. */
  onChange: Save
}

/** A text that is saved when the user leaves it. While it is edited, changes of other devices do not replace it. */
export function TextField({ label, value, max, isLong = false, isRequired = false, onChange }: TextFieldProps) {
  const id = useId()
  const draft = useDraft(value, onChange)
  function problemOf(text: string): string | undefined {
    const length = [...text].length
    if (length > max) return `${length - max} characters too long`
    return isRequired && text.trim() === '' ? `${label} cannot be empty` : undefined
  }
  const problem = problemOf(draft.text)
  const save = (): void => void draft.save()
  const props = {
    id,
    value: draft.text,
    dir: 'auto',
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${id}-problem`,
    onChange: ({ target: { value: text } }: { target: { value: string } }) =>
      draft.set(text, problemOf(text) === undefined),
    onBlur: save,
  }
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      {isLong ? (
        <textarea {...props} rows={5} />
      ) : (
        <input {...props} onKeyDown={({ key, nativeEvent }) => key === 'Enter' && !nativeEvent.isComposing && save()} />
      )}
      <small id={`${id}-problem`} role="alert">
        {problem}
      </small>
    </p>
  )
}
