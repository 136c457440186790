/** Zone names as files write them, to IANA names. */

// The usual ones of Outlook and Exchange, after the CLDR table windowsZones.
const WINDOWS = new Map(
  Object.entries({
    'AUS Eastern Standard Time': 'Australia/Sydney',
    'Alaskan Standard Time': 'America/Anchorage',
    'Arab Standard Time': 'Asia/Riyadh',
    'Arabian Standard Time': 'Asia/Dubai',
    'Argentina Standard Time': 'America/Argentina/Buenos_Aires',
    'Atlantic Standard Time': 'America/Halifax',
    'Canada Central Standard Time': 'America/Regina',
    'Central America Standard Time': 'America/Guatemala',
    'Central Europe Standard Time': 'Europe/Budapest',
    'Central European Standard Time': 'Europe/Warsaw',
    'Central Standard Time': 'America/Chicago',
    'Central Standard Time (Mexico)': 'America/Mexico_City',
    'China Standard Time': 'Asia/Shanghai',
    'E. Africa Standard Time': 'Africa/Nairobi',
    'E. Australia Standard Time': 'Australia/Brisbane',
    'E. South America Standard Time': 'America/Sao_Paulo',
    'Eastern Standard Time': 'America/New_York',
    'Egypt Standard Time': 'Africa/Cairo',
    'FLE Standard Time': 'Europe/Kyiv',
    'GMT Standard Time': 'Europe/London',
    'GTB Standard Time': 'Europe/Bucharest',
    'Greenwich Standard Time': 'Atlantic/Reykjavik',
    'Hawaiian Standard Time': 'Pacific/Honolulu',
    'India Standard Time': 'Asia/Kolkata',
    'Israel Standard Time': 'Asia/Jerusalem',
    'Korea Standard Time': 'Asia/Seoul',
    'Mountain Standard Time': 'America/Denver',
    'New Zealand Standard Time': 'Pacific/Auckland',
    'Newfoundland Standard Time': 'America/St_Johns',
    'Pacific Standard Time': 'America/Los_Angeles',
    'Pakistan Standard Time': 'Asia/Karachi',
    'Romance Standard Time': 'Europe/Paris',
    'Russian Standard Time': 'Europe/Moscow',
    'SA Pacific Standard Time': 'America/Bogota',
    'SE Asia Standard Time': 'Asia/Bangkok',
    'Singapore Standard Time': 'Asia/Singapore',
    'South Africa Standard Time': 'Africa/Johannesburg',
    'Taipei Standard Time': 'Asia/Taipei',
    'Tokyo Standard Time': 'Asia/Tokyo',
    'Turkey Standard Time': 'Europe/Istanbul',
    'US Eastern Standard Time': 'America/Indiana/Indianapolis',
    'US Mountain Standard Time': 'America/Phoenix',
    'W. Australia Standard Time': 'Australia/Perth',
    'W. Europe Standard Time': 'Europe/Berlin',
  }),
)

// As the contract has it; it keeps out offsets such as `+01:00`.
const SHAPE = /^[A-Za-z][\w+-]{0,31}(?:\/[\w+-]{1,32}){0,3}$/u

// To ask Intl takes long, and a file names few zones.
const known = new Map<string, boolean>()

/** True for a zone name that Intl knows. */
export function isZone(name: string): boolean {
  if (!SHAPE.test(name)) return false
  const seen = known.get(name)
  if (seen !== undefined) return seen
  try {
    known.set(name, new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '')
  } catch {
    known.set(name, false)
  }
  return known.get(name) ?? false
}

/**
 * The IANA zone that a name in a file means: itself, a Windows name, the end of a path
 * (`/example.org/2011/Europe/Paris`), `US-Eastern`, or whole hours from GMT. Null if none.
 */
export function findZone(name: string): string | null {
  const trimmed = name.trim().replaceAll('"', '')
  if (isZone(trimmed)) return trimmed
  const windows = WINDOWS.get(trimmed)
  if (windows !== undefined) return windows
  const segments = trimmed.split('/').filter((segment) => segment !== '')
  for (const count of [3, 2]) {
    const end = segments.slice(-count).join('/')
    if (segments.length >= count && isZone(end)) return end
  }
  const slashed = trimmed.replace('-', '/')
  if (isZone(slashed)) return slashed
  return fixedOffset(trimmed)
}

/** `GMT +1:00` as `Etc/GMT-1`: these names count the other way round. */
function fixedOffset(text: string): string | null {
  const match = /^(?:GMT|UTC)\s*([+-])0?(\d{1,2})(?::?00)?$/iu.exec(text)
  if (!match) return null
  const hours = Number(match[2])
  if (hours === 0) return 'UTC'
  const zone = `Etc/GMT${match[1] === '+' ? '-' : '+'}${hours}`
  return isZone(zone) ? zone : null
}
