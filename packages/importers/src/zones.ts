/** Converts the zone names that files use to IANA names. */
import { isTimeZone } from '@taskwire/contract/time-zone'
import { WINDOWS_ZONES } from './windows-zones.ts'

// Only unambiguous abbreviations: IST, BST, CST and others mean several zones. The North American ones are from RFC
// 5322.
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
 * Accepts an IANA name, a Windows name, an unambiguous abbreviation, a path that ends in an IANA name
 * (`/example.org/2011/Europe/Paris`), `US-Eastern`, or whole hours from GMT. Otherwise returns null.
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

/** Converts `GMT +1:00` to `Etc/GMT-1`, whose sign is reversed. */
function wholeHours(text: string): string | null {
  const [, sign, hours, minutes = '00'] = /^(?:GMT|UTC)/iu.test(text) ? (OFFSET.exec(text) ?? []) : []
  if (sign === undefined || minutes !== '00') return null
  if (Number(hours) === 0) return 'UTC'
  const zone = `Etc/GMT${sign === '+' ? '-' : '+'}${Number(hours)}`
  return isTimeZone(zone) ? zone : null
}

/** Converts an offset in place of a zone, such as `GMT +5:30`, to `+05:30`. Returns null for other text. */
export function findOffset(name: string): string | null {
  const [, sign, hours = '', minutes = '00'] = OFFSET.exec(name.trim()) ?? []
  if (sign === undefined || Number(hours) > 14 || Number(minutes) > 59) return null
  return `${sign}${hours.padStart(2, '0')}:${minutes}`
}
