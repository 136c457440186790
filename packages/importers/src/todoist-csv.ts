import { CsvError, parse } from 'csv-parse/browser/esm/sync'
import { createNote, type Note } from './notes.ts'
import { quote, splitLines, stripBom } from './text.ts'
import { columnNames, delimiterOf, isHeader } from './todoist-header.ts'
import { NotThisFormat } from './types.ts'

/** A row that is not blank. */
export interface Row {
  /** Cells by column name, without empty ones. */
  cells: Map<string, string>
  /** The line on which the row begins, from 1. */
  line: number
}

/** What csv-parse returns with the option `info`. */
interface Parsed {
  record: string[]
  info: { lines: number }
}

const REMEDY = "Choose a CSV file that Todoist exported, or one that begins with Todoist's header."

export function readRows(source: string): { rows: Row[]; notes: Note[] } {
  const text = stripBom(source)
  const header = splitLines(text).find((line) => line.text.trim() !== '')
  if (header === undefined) throw new NotThisFormat('todoist', 'it is empty', REMEDY)
  if (!isHeader(header.text)) {
    throw new NotThisFormat('todoist', 'its first line does not name TYPE and CONTENT', REMEDY)
  }
  const notes: Note[] = []
  const delimiter = delimiterOf(header.text)
  const records = parseAll(text, delimiter, notes)
  const names = columnNames(header.text.split(delimiter))
  const rows = records.slice(1).map(({ record, line }) => ({ line, cells: toCells(names, record) }))
  return { rows: rows.filter(({ cells }) => cells.size > 0), notes }
}

interface Record {
  record: string[]
  line: number
}

function parseAll(text: string, delimiter: string, notes: Note[]): Record[] {
  try {
    return parseText(text, delimiter, 0)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    notes.push(createNote('damaged', { detail: `the CSV is read line by line: ${error.message}` }))
    return splitLines(text).flatMap((line) => parseLine(line.text, delimiter, line.number, notes))
  }
}

function parseLine(text: string, delimiter: string, line: number, notes: Note[]): Record[] {
  for (const attempt of [text, `${text}"`]) {
    try {
      return parseText(attempt, delimiter, line - 1)
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
    }
  }
  notes.push(createNote('unreadable', { line, detail: quote(text) }))
  return []
}

function parseText(text: string, delimiter: string, linesBefore: number): Record[] {
  const parsed = parse(text, {
    delimiter,
    info: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  }) as unknown as Parsed[]
  return parsed.map(({ record, info }) => {
    // info.lines is the line on which the record ends.
    const breaks = record.join('').match(/\r\n|\n|\r/gu)?.length ?? 0
    return { record, line: linesBefore + info.lines - breaks }
  })
}

function toCells(names: string[], record: string[]): Map<string, string> {
  const cells = record.map((value, index): [string, string] => [names[index] || `column ${index + 1}`, value])
  return new Map(cells.filter(([, value]) => value.trim() !== ''))
}
