// A module of its own, so that a program can use it without loading zod.

const knownZones = new Set<string>()
const ZONE_SHAPE = /^[A-Za-z][A-Za-z0-9_+-]{0,31}(\/[A-Za-z0-9_+-]{1,32}){0,3}$/
// The IANA names without a region. Runtimes accept more short names. PostgreSQL lacks some of these (AET), and reads
// others as another place: IST is India for a runtime and Israel for PostgreSQL.
const SHORT_ZONES = new Set(
  `cet cst6cdt cuba eet egypt eire est est5edt gb gb-eire gmt gmt+0 gmt-0 gmt0 greenwich hongkong hst iceland iran
  israel jamaica japan kwajalein libya met mst mst7mdt navajo nz nz-chat poland portugal prc pst8pdt roc rok
  singapore turkey uct universal utc w-su wet zulu`.split(/\s+/),
)
// Accepted by runtimes, but not in the IANA database.
const NOT_IANA = /^(systemv\/|us\/pacific-new$)/

/** True for a name of the IANA time zone database, in any case, that this runtime knows. */
export function isTimeZone(name: string): boolean {
  if (!ZONE_SHAPE.test(name)) return false
  const lower = name.toLowerCase()
  if (lower.includes('/') ? NOT_IANA.test(lower) : !SHORT_ZONES.has(lower)) return false
  if (knownZones.has(lower)) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    return false
  }
  // Only names that exist are kept, so that callers cannot make the set grow.
  knownZones.add(lower)
  return true
}
