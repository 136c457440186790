/**
 * The reader and writer of each format. They load parsers of iCalendar and CSV, so import this module only when needed.
 */
import { exportGoogletasks, importGoogletasks } from './googletasks.ts'
import { exportIcalendar, importIcalendar } from './icalendar.ts'
import { exportJson, importJson } from './json.ts'
import { exportTaskwarrior, importTaskwarrior } from './taskwarrior.ts'
import { exportTodoist, importTodoist } from './todoist.ts'
import { exportTodotxt, importTodotxt } from './todotxt.ts'
import type { Exporter, Format, Importer } from './types.ts'

export { guessFormat } from './guess.ts'

export const importers: Record<Format, Importer> = {
  todotxt: importTodotxt,
  icalendar: importIcalendar,
  todoist: importTodoist,
  taskwarrior: importTaskwarrior,
  googletasks: importGoogletasks,
  json: importJson,
}

export const exporters: Record<Format, Exporter> = {
  todotxt: exportTodotxt,
  icalendar: exportIcalendar,
  todoist: exportTodoist,
  taskwarrior: exportTaskwarrior,
  googletasks: exportGoogletasks,
  json: exportJson,
}
