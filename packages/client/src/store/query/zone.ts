/** The time of a query, and the time zone in which its dates are meant: that of the call, or else the account's. */
export interface Clock {
  now: Date
  timeZone: string
}

/** In milliseconds. */
export const DAY = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * Returns how far the clocks of a time zone are ahead of UTC at an instant. Both are in milliseconds.
 * @throws RangeError if this runtime does not know the zone.
 */
export function offsetAt(instant: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    formats.set(timeZone, format)
  }
  // The text ends with an offset such as GMT+05:30 or GMT-07:52:58; in UTC, with GMT.
  const parts = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(instant))
  if (parts === null) return 0
  const [, sign, hours, minutes, seconds = 0] = parts
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds))
}

/** Returns the date (YYYY-MM-DD) that an instant has in a time zone. */
export function dateIn(instant: number, timeZone: string): string {
  return dateOf(instant + offsetAt(instant, timeZone))
}

/** Returns the date that is some days after another, or before it if `days` is negative. */
export function addDays(date: string, days: number): string {
  return dateOf(Date.parse(date) + days * DAY)
}

/** Returns the date that an instant has in UTC. After the year 9999 it is `~`, which is after every date as a text. */
function dateOf(instant: number): string {
  const text = new Date(instant).toISOString()
  return text.startsWith('+') ? '~' : text.slice(0, 10)
}
