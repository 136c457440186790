export const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Returns the zone that is this many hours ahead of UTC all year. */
export function zoneOf(ahead: number): string {
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
}

/** Returns the local date and time of an instant. */
export function localTime(instant: number, ahead: number): { date: string; time: string } {
  const [date = '', time = ''] = new Date(instant + ahead * HOUR).toISOString().split('T')
  return { date, time: time.slice(0, 5) }
}

/**
 * Returns two zones with different dates: in the first it is between 10:00 and 22:00, so that its day does not end
 * during a test, and the second is 14 hours ahead. `today` and `tomorrow` are dates of the first.
 */
export function twoDays(): { earlier: string; later: string; today: string; tomorrow: string } {
  const hour = new Date().getUTCHours()
  const ahead = hour >= 10 ? Math.max(10 - hour, -12) : -12
  const [today, tomorrow] = [localTime(Date.now(), ahead).date, localTime(Date.now(), ahead + 24).date]
  return { earlier: zoneOf(ahead), later: zoneOf(ahead + 14), today, tomorrow }
}
