import type { Due } from '@taskwire/contract/fields'
import { DAY, offsetAt } from './zone.ts'

/**
 * Returns the instant of a due with a time, as the service computes `dueAt`; null for an all-day due. A time that the
 * clocks skip moves forward by the gap. Of a time that occurs twice, it is the first.
 * @throws RangeError if this runtime does not know the time zone.
 */
export function dueAtOf(due: Due | null): string | null {
  if (due?.time === undefined) return null
  const { date, time, timeZone } = due
  const wall = Date.parse(`${date}T${time}Z`)
  // No zone is a day away from UTC, so these are the offsets before and after a change of the clocks at this time.
  const [before, after] = [offsetAt(wall - DAY, timeZone), offsetAt(wall + DAY, timeZone)]
  const instants = [wall - before, wall - after].filter((instant) => instant + offsetAt(instant, timeZone) === wall)
  return new Date(instants.length === 0 ? wall - before : Math.min(...instants)).toISOString()
}
