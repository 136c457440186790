import type { Due } from '@taskwire/client'
import * as chrono from 'chrono-node/en'
import type { Part } from './read-words.ts'

/** Finds the dates and times in a text. */
export type DateWords = (text: string) => Part[]

/** Words that are more often no dates when nothing else is beside them: `it may rain`, `march on`, `a 10 min walk`. */
const NO_DATES = /^(may|mar|march|sun|sat|wed|now|second|last \w+|\d+ ?(s|sec|min|mins|minutes?|h|hrs?|hours?))$/i

/** Reads dates as people write them in English, such as `tomorrow 9am`, at this instant in the account's time zone. */
export function dateWords(timeZone: string, now: Date): DateWords {
  const instant = wallClock(now, timeZone)
  return (text) =>
    chrono.casual
      .parse(text, { instant }, { forwardDate: true })
      .filter((found) => !NO_DATES.test(found.text))
      .map(({ index, text: words, start }) => {
        const date = start.date()
        const due: Due = start.isCertain('hour')
          ? { date: dateOf(date), time: timeOf(date), timeZone }
          : { date: dateOf(date) }
        return { start: index, end: index + words.length, means: { field: 'due', due } }
      })
}

/**
 * Returns a Date that in this browser's zone has the wall-clock time which the account's zone has now: chrono reads and
 * writes the browser's wall clock, and only the wall clock of the result is used.
 */
function wallClock(now: Date, timeZone: string): Date {
  const parts = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(now)
  return new Date(parts.replace(' ', 'T'))
}

const two = (number: number): string => String(number).padStart(2, '0')
const dateOf = (date: Date): string =>
  `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
const timeOf = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}`
