import fc from 'fast-check'

/** A valid position. */
export const POSITION = /^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$/

const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 0, maxLength: 6 })
/** The part of a position after its whole number. */
export const fraction: fc.Arbitrary<string> = fc.oneof(
  fc.constant(''),
  fc.tuple(hex, fc.constantFrom(...'123456789abcdef')).map((parts) => parts.join('')),
)
const integer = fc
  .oneof(fc.integer({ min: 0x40, max: 0xff_ff_ff_00 }), fc.integer({ min: 0x80_00_00_00, max: 0x80_00_00_03 }))
  .map((n) => n.toString(16).padStart(8, '0'))
export const position: fc.Arbitrary<string> = fc.tuple(integer, fraction).map((parts) => parts.join(''))
/** Two positions close together, in order, with few free positions between them. */
export const close: fc.Arbitrary<[string, string]> = fc
  .tuple(integer, fraction, fraction)
  .filter(([, a, b]) => a !== b)
  .map(([n, a, b]) => (a < b ? [n + a, n + b] : [n + b, n + a]))
