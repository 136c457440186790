import { useTimeZone } from '@taskwire/client/react'
import { useSyncExternalStore } from 'react'
import { onTick } from './clock.ts'

/** Returns today's date (YYYY-MM-DD) in the account's time zone. */
export function useToday(): string {
  const timeZone = useTimeZone()
  return useSyncExternalStore(onTick, () => dateIn(timeZone, new Date()))
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Returns the date (YYYY-MM-DD) of an instant in a time zone. */
export function dateIn(timeZone: string, instant: Date): string {
  // The dates of Sweden have this form.
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' })
  formats.set(timeZone, format)
  return format.format(instant)
}
