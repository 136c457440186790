import { TEXT_KINDS } from '@taskwire/api/text-testing'
import { LIMITS } from '@taskwire/contract'
import { STRUCTURES } from './bombs.ts'
import type { Random } from './random.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A value that most fields refuse. Its text contains `mark`, which must not appear in a response or in the log. */
function invalidValue(random: Random, mark: string): Json {
  const values: readonly (() => Json)[] = [
    () => null,
    () => random.below(2) === 0,
    () => random.pick([0, -0, -1, 1.5, 1e21, -1e-7, 2 ** 31, 2 ** 53, Number.MAX_VALUE]),
    () => '',
    () => `${mark}\0`,
    () => `${mark}\ud800`,
    () => `\udc00${mark}`,
    () => `${mark}\u202e\u200b\ufeff\u2028`,
    () => `${mark}'; drop table users; --`,
    () => `${mark}{"$ne":null}%00../../etc/passwd<script>`,
    () => mark.repeat(random.pick([10, 100, 3000])),
    () => 'e\u0301'.repeat(random.pick([100, 1001])) + mark,
    () => [],
    () => ({}),
    () => [mark, [mark, [mark]]],
    () => Array.from({ length: random.pick([51, 501, 5000]) }, () => mark),
    () => nested(random.pick([5, 28, 40, 1500]), mark),
    () => ({ odd: mark, toString: mark, length: 1 }),
    () => ({ length: { toString: mark, valueOf: mark } }),
    () => JSON.parse(`{"__proto__": {"odd": "${mark}"}, "constructor": {"prototype": {"odd": 1}}}`) as Json,
    () =>
      `${random.pick(['2026-02-30', '0000-01-01', '9999-12-31T23:59:60Z', '2026-01-01T00:00:00+99:99'])}${random.pick(['', mark])}`,
    () => `${random.uuid().slice(0, 35)}g`,
    () => random.uuid().toUpperCase(),
    () => longRun(random),
    () => structure(random),
  ]
  return random.pick(values)()
}

// Lengths around the limits, and some far above.
const LENGTHS = [LIMITS.tag, LIMITS.title, LIMITS.title + 1, LIMITS.description, LIMITS.description * 8, 100_000]

function longRun(random: Random): string {
  return random.pick(Object.values(TEXT_KINDS))(random.pick(LENGTHS))
}

function structure(random: Random): Json {
  const text = random.pick(Object.values(STRUCTURES))(random.pick([100, 1000, 10_000, 200_000]))
  try {
    // JSON.parse returns JSON.
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function nested(levels: number, mark: string): Json {
  let value: Json = mark
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** Returns the input with one to three of its parts replaced, removed, doubled or added. */
export function damage(input: unknown, random: Random, mark: string): unknown {
  // Inputs are generated from JSON Schema.
  let value = structuredClone(input ?? {}) as Json
  for (let left = 1 + random.below(3); left > 0; left--) value = damageOnce(value, random, mark)
  return value
}

function damageOnce(value: Json, random: Random, mark: string): Json {
  if (random.below(12) === 0) return invalidValue(random, mark)
  if (typeof value !== 'object' || value === null) return invalidValue(random, mark)
  if (Array.isArray(value)) {
    if (value.length === 0 || random.below(3) === 0) return [...value, ...value, invalidValue(random, mark)]
    const at = random.below(value.length)
    return value.map((one, nr) => (nr === at ? damageOnce(one, random, mark) : one))
  }
  const keys = Object.keys(value)
  const key = keys.length > 0 ? random.pick(keys) : 'title'
  switch (random.below(5)) {
    case 0: {
      const { [key]: _gone, ...rest } = value
      return rest
    }
    case 1:
      return {
        ...value,
        [random.pick(['extra', 'userId', 'spaceId', 'filter', 'constructor', 'id', '', '\0'])]: invalidValue(
          random,
          mark,
        ),
      }
    case 2:
      return { ...value, [key]: invalidValue(random, mark) }
    default:
      return { ...value, [key]: damageOnce(value[key] ?? null, random, mark) }
  }
}
