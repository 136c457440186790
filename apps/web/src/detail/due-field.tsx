import type { Due } from '@taskwire/client'
import { useTimeZone } from '@taskwire/client/react'
import { useId } from 'react'
import { useToday } from '../views/today.ts'
import { addDays } from '../views/dates.ts'

/** Chooses when a task is due: a date, and a time if the user wants one. */
export function DueField({ due, onChange }: { due: Due | null; onChange(due: Due | null): void }) {
  const id = useId()
  const today = useToday()
  const ownZone = useTimeZone()
  const timeZone = due?.timeZone ?? ownZone
  const quick = { Today: today, Tomorrow: addDays(today, 1), 'In a week': addDays(today, 7) }
  const withDate = (date: string): Due => (due?.time === undefined ? { date } : { ...due, date })
  return (
    <fieldset className="due-field">
      <legend>Due</legend>
      <div className="row">
        <input
          type="date"
          aria-label="Due date"
          value={due?.date ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? null : withDate(target.value))}
        />
        <input
          type="time"
          aria-label="Due time"
          aria-describedby={`${id}-zone`}
          value={due?.time ?? ''}
          disabled={due === null}
          onChange={({ target }) => {
            if (due !== null)
              onChange(target.value === '' ? { date: due.date } : { date: due.date, time: target.value, timeZone })
          }}
        />
      </div>
      <div className="row">
        {Object.entries(quick).map(([name, date]) => (
          <button key={name} type="button" aria-pressed={due?.date === date} onClick={() => onChange(withDate(date))}>
            {name}
          </button>
        ))}
        {due !== null && (
          <button type="button" onClick={() => onChange(null)}>
            Not due
          </button>
        )}
      </div>
      <small id={`${id}-zone`}>
        {due?.time !== undefined && due.timeZone !== ownZone ? `Time in ${due.timeZone}` : ''}
      </small>
    </fieldset>
  )
}
