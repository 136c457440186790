import { LIMITS } from '@taskwire/client'
import { useTags } from '@taskwire/client/react'
import { type KeyboardEvent, useId, useState } from 'react'
import { isIn } from '../actions/tags.ts'
import { useSaveOnLeave } from './use-draft.ts'

/** The tags of a task. */
export function TagsField({ tags, onChange }: { tags: readonly string[]; onChange(tags: string[]): void }) {
  const id = useId()
  const known = useTags()
  const [text, setText] = useState('')
  const isFull = tags.length >= LIMITS.tagsPerTask
  function add(): void {
    const tag = text.trim().replace(/^@/, '')
    setText('')
    if (tag !== '' && !isIn(tags, tag)) onChange([...tags, tag])
  }
  useSaveOnLeave(text !== '', add)
  function onKeyDown(event: KeyboardEvent): void {
    // The key is for the input method.
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault()
      add()
    } else if (event.key === 'Backspace' && text === '' && !event.repeat && tags.length > 0) onChange(tags.slice(0, -1))
  }
  return (
    <div className="field">
      <label htmlFor={id}>Tags</label>
      <div className="tags">
        {tags.map((tag) => (
          <span key={tag} className="chip" data-field="tag">
            @{tag}
            <button
              type="button"
              aria-label={`Remove the tag ${tag}`}
              onClick={() => onChange(tags.filter((other) => other !== tag))}
            >
              ×
            </button>
          </span>
        ))}
        <input
          id={id}
          dir="auto"
          list={`${id}-known`}
          value={text}
          maxLength={LIMITS.tag}
          disabled={isFull}
          placeholder={isFull ? `${LIMITS.tagsPerTask} tags at most` : 'Add tag'}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
          onBlur={add}
        />
        <datalist id={`${id}-known`}>
          {known.map(({ tag }) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
      </div>
    </div>
  )
}
