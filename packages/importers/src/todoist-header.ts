/**
 * Reads the header of a Todoist CSV file. This module loads no CSV parser, so that a format can be guessed without one.
 */

/** True if the line names the two required columns. */
export function isHeader(line: string): boolean {
  const names = columnNames(line.split(delimiterOf(line)))
  return names.includes('TYPE') && names.includes('CONTENT')
}

/** Returns the delimiter of a line. In some locales, spreadsheets write CSV with semicolons or tabs. */
export function delimiterOf(line: string): string {
  return [',', ';', '\t'].find((each) => line.includes(each)) ?? ','
}

export function columnNames(cells: string[]): string[] {
  return cells.map((cell) => cell.trim().replaceAll('"', '').toUpperCase())
}
