/** A row as the driver returns it: text, except booleans, whole numbers and JSON. */
export type Row = Record<string, unknown>
/** The result of a statement: its rows, and its command tag. */
export interface Outcome {
  rows: Row[]
  command: string
}
