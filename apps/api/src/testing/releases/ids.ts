/** Returns an id of a client's own, so that a later recording has the same. */
export function idAt(nr: number): string {
  return `01990000-0000-7000-8000-${String(nr).padStart(12, '0')}`
}
