import type { AnyProcedure } from '@taskwire/contract'
import type { Random } from './random.ts'

/** As much of JSON Schema as the contract's inputs have. */
export interface Schema {
  type?: string
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  not?: object
  properties?: Record<string, Schema>
  required?: readonly string[]
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  format?: string
  pattern?: string
  default?: unknown
}

/** What stands where a schema says only that it is an id, a cursor, a number or a text. */
export interface Sources {
  /** Of the field that it is for. */
  id(field: string): string
  cursor(): string
  revision(): number
  text(field: string, maxLength: number): string
}

const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'pacific/apia']
const REVISIONS = new Set(['after', 'expectedRevision', 'revision'])

/** A value of a schema. */
export function generate(schema: Schema, random: Random, sources: Sources, field = ''): unknown {
  if ('const' in schema) return schema.const
  if (schema.enum !== undefined) return random.pick(schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return generate(random.pick(choices), random, sources, field)
  switch (schema.type) {
    case 'null':
      return null
    case 'boolean':
      return random.below(2) === 0
    case 'integer':
      return integer(schema, random, sources, field)
    case 'string':
      return text(schema, random, sources, field)
    case 'array': {
      const { minItems = 0, maxItems = 5 } = schema
      // As many as may be cost, so that they come seldom.
      const full = random.below(300) === 0
      const length = full ? maxItems : minItems + random.below(Math.min(maxItems - minItems, 4) + 1)
      return Array.from({ length }, () => generate(schema.items ?? {}, random, sources, field))
    }
    case 'object': {
      const { properties = {}, required = [] } = schema
      const there = Object.entries(properties).filter(([name]) => required.includes(name) || random.below(2) === 0)
      return Object.fromEntries(there.map(([name, one]) => [name, generate(one, random, sources, name)]))
    }
    default:
      throw new Error(`The generator does not know the schema of ${field}: ${JSON.stringify(schema)}`)
  }
}

function integer(schema: Schema, random: Random, sources: Sources, field: string): number {
  if (REVISIONS.has(field)) return sources.revision()
  const { minimum = 0, maximum = 100 } = schema
  return random.below(4) === 0 ? random.pick([minimum, maximum]) : minimum + random.below(maximum - minimum + 1)
}

function text({ format, pattern, maxLength = 20 }: Schema, random: Random, sources: Sources, field: string): string {
  const two = (below: number, from = 0): string => String(from + random.below(below)).padStart(2, '0')
  const date = (): string => `${random.pick(['2026', '2027', '0001', '9999'])}-${two(12, 1)}-${two(28, 1)}`
  if (field === 'cursor') return sources.cursor()
  if (field === 'timeZone') return random.pick(ZONES)
  switch (format) {
    case 'uuid':
      return sources.id(field)
    case 'date':
      return date()
    case 'date-time':
      return `${date()}T${two(24)}:${two(60)}:${two(60)}${random.pick(['Z', '.5Z', '.123456Z', '+05:30'])}`
    default:
      if (pattern !== undefined) return `${two(24)}:${two(60)}`
      return sources.text(field, maxLength)
  }
}

/** An input that the procedure's own schema takes. */
export function generateInput({ input }: AnyProcedure, schema: Schema, random: Random, sources: Sources): unknown {
  // Some rules, as that of two fields one is needed, are not in the JSON Schema.
  for (let tried = 0; tried < 500; tried++) {
    const value = generate(schema.anyOf?.find(({ type }) => type === 'object') ?? schema, random, sources)
    if (input.safeParse(value).success) return value
  }
  throw new Error(`No input was found that fits ${JSON.stringify(schema)}`)
}
