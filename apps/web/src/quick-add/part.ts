import type { Due, List, Priority } from '@taskwire/client'

/** A part of the text that says something else than the title. */
export interface Part {
  /** Where it is in the text. */
  start: number
  end: number
  /** What it sets. */
  means:
    | { field: 'list'; list: Pick<List, 'name'> & Partial<Pick<List, 'id'>> }
    | { field: 'tag'; tag: string }
    | { field: 'priority'; priority: Priority }
    | { field: 'due'; due: Due }
}

/** Finds the dates and times in a text. */
export type DateWords = (text: string) => Part[]
