/** The header of a Todoist CSV file, kept apart so that guessing needs no CSV parser. */

/** True for a first line that names the two columns without which there is nothing to import. */
export function isHeader(line: string): boolean {
  const names = columnNames(line.split(delimiterOf(line)))
  return names.includes('TYPE') && names.includes('CONTENT')
}

/** Spreadsheets save CSV with semicolons or tabs in some countries. */
export function delimiterOf(line: string): string {
  return [',', ';', '\t'].find((each) => line.includes(each)) ?? ','
}

export function columnNames(cells: string[]): string[] {
  return cells.map((cell) => cell.trim().replaceAll('"', '').toUpperCase())
}
