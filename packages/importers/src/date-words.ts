/** Parses dates in English words, as Todoist accepts them: `tomorrow`, `5 Dec`, `next week`, `today 9am`. */
import { addDays, dateText, isDate, isTime, wallClock } from './dates.ts'
import type { Account } from './types.ts'

export interface ReadDate {
  date: string
  /** `HH:MM` */
  time: string | null
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const MONTH = `(${MONTHS.join('|')})(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?`
const WEEKDAY = `(${WEEKDAYS.join('|')})(?:day|s|sday|nesday|r|rs|rsday|urday)?`
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?'
const YEAR = '(?: (\\d{4}))?'
const ON_WEEKDAY = new RegExp(`^(?:(next) |this |on )?${WEEKDAY}$`, 'u')
const MID_MONTH = new RegExp(`^mid ${MONTH}$`, 'u')
const DAY_MONTH = new RegExp(`^(?:${WEEKDAY} )?${DAY}(?: of)? ${MONTH}${YEAR}$`, 'u')
const MONTH_DAY = new RegExp(`^(?:${WEEKDAY} )?${MONTH} ${DAY}${YEAR}$`, 'u')
const NEAR = new Map([
  ['today', 0],
  ['tod', 0],
  ['now', 0],
  ['tomorrow', 1],
  ['tom', 1],
  ['tmr', 1],
  ['tmrw', 1],
  ['yesterday', -1],
])

/** Returns null if the words are not a date. */
export function readDateWords(text: string, { timeZone, now }: Account): ReadDate | null {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/[,.]?\s+/gu, ' ')
  if (words.length > 60) return null
  const clock = wallClock(now, timeZone)
  const { time, rest } = extractTime(words)
  if (rest === null) return null
  if (rest !== '') {
    const date = readDay(rest, clock.date)
    return date === null || !isDate(date) ? null : { date, time }
  }
  // A time without a date means the next time that the clock shows it.
  return time === null ? null : { date: time > clock.time ? clock.date : addDays(clock.date, 1), time }
}

/** Finds the time in the words; `rest` is the other words, or null if the time does not exist. */
function extractTime(words: string): { time: string | null; rest: string | null } {
  const match =
    /(?:^|\s)(?:(?:at|@) ?)?(\d{1,2})(?:[:.](\d{2}))? ?([ap])\.?m\.?(?=\s|$)/u.exec(words) ??
    /(?:^|\s)(?:(?:at|@) ?)?(\d{1,2}):(\d{2})(?=\s|$)/u.exec(words) ??
    /(?:^|\s)(?:at|@) ?(\d{1,2})(?=\s|$)/u.exec(words) ??
    /(?:^|\s)(?:at )?(noon)(?=\s|$)/u.exec(words)
  if (!match) return { time: null, rest: words }
  const [whole, hour = '', minute = '00', half] = match
  const time = hour === 'noon' ? '12:00' : `${to24(Number(hour), half)}:${minute}`
  return { time, rest: isTime(time) ? words.replace(whole, '').trim() : null }
}

/** Returns 'none' for an impossible hour, such as 13 pm. */
function to24(hour: number, half: string | undefined): string {
  if (half === undefined) return String(hour).padStart(2, '0')
  if (hour < 1 || hour > 12) return 'none'
  return String((hour % 12) + (half === 'p' ? 12 : 0)).padStart(2, '0')
}

function readDay(words: string, today: string): string | null {
  const near = NEAR.get(words)
  if (near !== undefined) return addDays(today, near)
  return readDistance(words, today) ?? readWeek(words, today) ?? readMonth(words, today) ?? readNamed(words, today)
}

/** `in 3 days`, `+2 weeks`, `3 months`. */
function readDistance(words: string, today: string): string | null {
  const [, count = '', unit = ''] = /^(?:in )?\+?(\d{1,4}|an?|one) (day|week|month|year)s?$/u.exec(words) ?? []
  if (unit === '') return null
  const number = /^\d/u.test(count) ? Number(count) : 1
  if (unit === 'day' || unit === 'week') return addDays(today, number * (unit === 'day' ? 1 : 7))
  return addMonths(today, number * (unit === 'month' ? 1 : 12))
}

/** `friday`, `next mon`, `next week`, `this weekend`. */
function readWeek(words: string, today: string): string | null {
  const weekday = weekdayOf(today)
  const nextMonday = 7 - weekday
  if (words === 'next week') return addDays(today, nextMonday)
  if (words === 'next weekend') return addDays(today, nextMonday + 5)
  if (/^(?:this )?weekend$/u.test(words)) return addDays(today, weekday === 6 ? 6 : 5 - weekday)
  const [, next, name = ''] = ON_WEEKDAY.exec(words) ?? []
  if (name === '') return null
  const wanted = WEEKDAYS.indexOf(name)
  if (next !== undefined) return addDays(today, nextMonday + wanted)
  return addDays(today, ((wanted - weekday + 6) % 7) + 1)
}

/** `next month`, `end of month`, `mid january`, `27th`. */
function readMonth(words: string, today: string): string | null {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))]
  if (words === 'next month') return firstOf(year, month + 1)
  if (words === 'end of month') return addDays(firstOf(year, month + 1), -1)
  const middle = MID_MONTH.exec(words)?.[1]
  if (middle !== undefined) return upcoming(today, MONTHS.indexOf(middle) + 1, 15)
  const day = /^(?:the )?(\d{1,2})(?:st|nd|rd|th)$/u.exec(words)?.[1]
  if (day === undefined) return null
  const date = `${today.slice(0, 8)}${day.padStart(2, '0')}`
  return date >= today ? date : `${firstOf(year, month + 1).slice(0, 8)}${day.padStart(2, '0')}`
}

/** `5 Dec`, `December 5th 2026`, `27/1/2026`. */
function readNamed(words: string, today: string): string | null {
  const first = DAY_MONTH.exec(words)
  if (first) return dated(today, first[3] ?? '', Number(first[2]), first[4])
  const second = MONTH_DAY.exec(words)
  if (second) return dated(today, second[2] ?? '', Number(second[3]), second[4])
  const [, a = '', b = '', written = ''] = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/u.exec(words) ?? []
  // The order of day and month is clear only if one of them is above 12, or both are equal.
  if (Number(a) > 12) return dateText(Number(written), Number(b), Number(a))
  return Number(b) > 12 || (a !== '' && a === b) ? dateText(Number(written), Number(a), Number(b)) : null
}

function dated(today: string, name: string, day: number, year: string | undefined): string {
  const month = MONTHS.indexOf(name) + 1
  return year === undefined ? upcoming(today, month, day) : dateText(Number(year), month, day)
}

/** Returns the date in this year, or, if it has passed, in the next year. */
function upcoming(today: string, month: number, day: number): string {
  const year = Number(today.slice(0, 4))
  const date = dateText(year, month, day)
  return date >= today && isDate(date) ? date : dateText(year + 1, month, day)
}

/** 0 for Monday. */
function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
}

function addMonths(date: string, months: number): string {
  const first = firstOf(Number(date.slice(0, 4)), Number(date.slice(5, 7)) + months)
  const last = addDays(firstOf(Number(first.slice(0, 4)), Number(first.slice(5, 7)) + 1), -1)
  const same = `${first.slice(0, 8)}${date.slice(8)}`
  return same < last ? same : last
}

function firstOf(year: number, month: number): string {
  return dateText(year + Math.floor((month - 1) / 12), ((month - 1) % 12) + 1, 1)
}
