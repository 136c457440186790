/** Zone names as files write them, to names of the contract. */
import { isTimeZone } from '@taskwire/contract/time-zone'
import { WINDOWS_ZONES } from './windows-zones.ts'

// Abbreviations that mean one zone only. The North American ones are RFC 5322's; IST, BST, CST and the
// like mean several zones and are left out.
const ABBREVIATIONS = new Map(
  Object.entries({
    EDT: 'America/New_York',
    CDT: 'America/Chicago',
    MDT: 'America/Denver',
    PST: 'America/Los_Angeles',
    PDT: 'America/Los_Angeles',
    AKST: 'America/Anchorage',
    AKDT: 'America/Anchorage',
    WEST: 'WET',
    CEST: 'CET',
    EEST: 'EET',
    MSK: 'Europe/Moscow',
    JST: 'Asia/Tokyo',
    KST: 'Asia/Seoul',
    HKT: 'Asia/Hong_Kong',
    SGT: 'Asia/Singapore',
    // Java's and ICU's short name.
    AET: 'Australia/Sydney',
    AEDT: 'Australia/Sydney',
    NZST: 'Pacific/Auckland',
    NZDT: 'Pacific/Auckland',
    Z: 'UTC',
  }),
)

/**
 * The zone that a name in a file means: itself, a Windows name, a certain abbreviation, the end of a
 * path (`/example.org/2011/Europe/Paris`), `US-Eastern`, or whole hours from GMT. Null if none.
 */
export function findZone(name: string): string | null {
  const trimmed = name.trim().replaceAll('"', '')
  if (isTimeZone(trimmed)) return trimmed
  const mapped = WINDOWS_ZONES.get(trimmed.toLowerCase()) ?? ABBREVIATIONS.get(trimmed.toUpperCase())
  if (mapped !== undefined) return mapped
  const segments = trimmed.split('/').filter((segment) => segment !== '')
  for (const count of [3, 2]) {
    const end = segments.slice(-count).join('/')
    if (segments.length >= count && isTimeZone(end)) return end
  }
  const slashed = trimmed.replace('-', '/')
  if (isTimeZone(slashed)) return slashed
  return wholeHours(trimmed)
}

const OFFSET = /^(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$/iu

/** `GMT +1:00` as `Etc/GMT-1`: these names count the other way round. */
function wholeHours(text: string): string | null {
  const [, sign, hours, minutes = '00'] = /^(?:GMT|UTC)/iu.test(text) ? (OFFSET.exec(text) ?? []) : []
  if (sign === undefined || minutes !== '00') return null
  if (Number(hours) === 0) return 'UTC'
  const zone = `Etc/GMT${sign === '+' ? '-' : '+'}${Number(hours)}`
  return isTimeZone(zone) ? zone : null
}

/** An offset in place of a zone, such as `GMT +5:30`, as `+05:30`; null if it is none. */
export function findOffset(name: string): string | null {
  const [, sign, hours = '', minutes = '00'] = OFFSET.exec(name.trim()) ?? []
  if (sign === undefined || Number(hours) > 14 || Number(minutes) > 59) return null
  return `${sign}${hours.padStart(2, '0')}:${minutes}`
}
