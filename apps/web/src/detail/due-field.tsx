import type { Due } from '@taskwire/client'
import { useTimeZone } from '@taskwire/client/react'
import { type InputHTMLAttributes, useId } from 'react'
import { useToday } from '../views/today.ts'
import { addDays } from '../views/dates.ts'
import { useDraft } from './use-draft.ts'

interface DueFieldProps {
  due: Due | null
  /** Called when the user leaves a part of the field. What it resolves with is false if the due could not be stored. */
  onChange(due: Due | null): Promise<boolean> | void
}

/** Chooses when a task is due: a date, and a time if the user wants one. */
export function DueField({ due, onChange }: DueFieldProps) {
  const id = useId()
  const today = useToday()
  const ownZone = useTimeZone()
  const timeZone = due?.timeZone ?? ownZone
  const quick = { Today: today, Tomorrow: addDays(today, 1), 'In a week': addDays(today, 7) }
  // Each is saved with the other as the field shows it, which may not be stored yet.
  const date = useDraft(due?.date ?? '', (written) => onChange(dueOf(written, time.text)))
  const time = useDraft(due?.time ?? '', (written) => onChange(dueOf(date.text, written)))
  function dueOf(onDate: string, at: string): Due | null {
    if (onDate === '') return null
    return at === '' ? { date: onDate } : { date: onDate, time: at, timeZone }
  }
  function choose(chosen: Due | null): void {
    date.reset()
    time.reset()
    void onChange(chosen)
  }
  return (
    <fieldset className="due-field">
      <legend>Due</legend>
      <div className="row">
        <PartInput type="date" min="1000-01-01" max="9999-12-31" aria-label="Due date" draft={date} />
        <PartInput
          type="time"
          aria-label="Due time"
          aria-describedby={`${id}-zone`}
          disabled={date.text === ''}
          draft={time}
        />
      </div>
      <div className="row">
        {Object.entries(quick).map(([name, day]) => (
          <button
            key={name}
            type="button"
            aria-pressed={due?.date === day}
            onClick={() => choose(dueOf(day, time.text))}
          >
            {name}
          </button>
        ))}
        {due !== null && (
          <button type="button" onClick={() => choose(null)}>
            No due date
          </button>
        )}
      </div>
      <small id={`${id}-zone`}>
        {due?.time !== undefined && due.timeZone !== ownZone ? `Time in ${due.timeZone}` : ''}
      </small>
    </fieldset>
  )
}

interface PartInputProps extends InputHTMLAttributes<HTMLInputElement> {
  draft: ReturnType<typeof useDraft>
}

/** A date or a time, which is saved when the user leaves it: while a year is typed, 0002 and 0020 are years too. */
function PartInput({ draft, ...props }: PartInputProps) {
  function save({ validity }: HTMLInputElement): void {
    // Half a date is none: what was there comes back.
    if (validity.valid) void draft.save(true)
    else draft.reset()
  }
  return (
    <input
      {...props}
      value={draft.text}
      onChange={({ target }) => draft.set(target.value, target.validity.valid)}
      onBlur={({ currentTarget }) => save(currentTarget)}
      onKeyDown={({ key, currentTarget }) => key === 'Enter' && save(currentTarget)}
    />
  )
}
