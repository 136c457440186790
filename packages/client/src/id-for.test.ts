import { v5 as uuidv5 } from 'uuid'
import { id } from '@taskwire/contract/values'
import { expect, test } from 'vitest'
import { idFor } from './id-for.ts'

test('the same name and key give the same id, which the service accepts', () => {
  expect(idFor('invoice-paid', 'A-1001')).toBe('909150ba-4f0d-5767-9b82-60bc14601c8a')
  expect(id.parse(idFor('invoice-paid', 'A-1001'))).toBe(idFor('invoice-paid', 'A-1001'))
  expect(idFor('Rechnung bezahlt', 'Größe 💡')).toBe(idFor('Rechnung bezahlt', 'Größe 💡'))
})

test('an id is the documented UUID v5, so that other languages can derive it', () => {
  const namespace = uuidv5('invoice-paid', 'd3d50027-614c-4e04-8424-f67099524669')
  expect(idFor('invoice-paid', 'A-1001')).toBe(uuidv5('A-1001', namespace))
})

test('another name or key gives another id, even if both joined give the same text', () => {
  const ids = [
    idFor('a', 'bc'),
    idFor('ab', 'c'),
    idFor('a', 'b'),
    idFor('b', 'a'),
    idFor('a:b', 'c'),
    idFor('a', 'b:c'),
  ]
  expect(new Set(ids).size).toBe(ids.length)
})

test.each([undefined, null, '', 1001, {}])('%j is refused: it could give every job the same id', (key) => {
  // @ts-expect-error -- a key that is missing at run time
  expect(() => idFor('invoice-paid', key)).toThrow(
    new TypeError('The key of idFor() must be a string that is not empty'),
  )
  // @ts-expect-error -- the same for a name
  expect(() => idFor(key, 'A-1001')).toThrow(new TypeError('The name of idFor() must be a string that is not empty'))
})
