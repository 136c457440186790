import type { Due } from '@taskwire/client'
import * as chrono from 'chrono-node/en'
import type { DateWords } from './part.ts'

/** Words that are more often no dates when nothing else is beside them: `it may rain`, `march on`, `a 10 min walk`. */
const NO_DATES = /^(may|mar|march|sun|sat|wed|now|second|last \w+|\d+ ?(s|sec|min|mins|minutes?|h|hrs?|hours?))$/i

/** Words of what repeats, which no task can: `every monday`, `each first day`. */
const REPEATS =
  /\b(every|each)\s+(\S+\s+)?((mon|tues|wednes|thurs|fri|satur|sun|week)?days?|mon|tue|wed|thu|fri|sat|sun|weekends?|weeks?|months?|years?|mornings?|evenings?|nights?)\b/i
/** Before a date, these words belong to it: `pay by friday`; but `stop by tomorrow`. */
const BEFORE = /(?<=^|\s)(?<!\b(stop|drop|come|swing|stand|pass|go)\s)(by|due|due on|due by)\s+$/i

/** Reads dates as people write them in English, such as `tomorrow 9am`, at this instant in the account's time zone. */
export function dateWords(timeZone: string, now: Date): DateWords {
  const instant = wallClock(now, timeZone)
  return (text) => {
    if (REPEATS.test(text)) return []
    return (
      chrono.casual
        .parse(text, { instant }, { forwardDate: true })
        // A task has no end, so spans of time are left in the title.
        .filter((found) => (found.end ?? null) === null && !NO_DATES.test(found.text))
        .map(({ index, text: words, start }) => {
          const date = start.date()
          const due: Due = start.isCertain('hour')
            ? { date: dateOf(date), time: timeOf(date), timeZone }
            : { date: dateOf(date) }
          const before = BEFORE.exec(text.slice(0, index))?.[0].length ?? 0
          return { start: index - before, end: index + words.length, means: { field: 'due', due } }
        })
    )
  }
}

/**
 * Returns the time that the clocks of a time zone show now, as a Date of this browser's zone. chrono works with the
 * browser's local time, and only the local time of what it returns is used.
 */
function wallClock(now: Date, timeZone: string): Date {
  const parts = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(now)
  return new Date(parts.replace(' ', 'T'))
}

const two = (number: number): string => String(number).padStart(2, '0')
const dateOf = (date: Date): string =>
  `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
const timeOf = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}`
