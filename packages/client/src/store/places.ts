// Where an edit places a row, until the service has answered with a real position. Real positions are hexadecimal and
// compare bytewise: `!` comes before every digit, and `~` after all of them.

const DIGITS = 12
const rising = (order: number): string => String(order).padStart(DIGITS, '0')
const falling = (order: number): string => String(10 ** DIGITS - order)

/** Returns a position after all rows, and after those that earlier edits placed there. */
export const lastPlace = (order: number): string => `~${rising(order)}`

/** Returns a position before all rows, and before those that earlier edits placed there. */
export const firstPlace = (order: number): string => `!${falling(order)}`

/** Returns a position directly after `position`, and before what earlier edits placed there. */
export const placeAfter = (position: string, order: number): string => `${position}!${falling(order)}`
