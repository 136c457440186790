import type { AnyProcedure } from '@taskwire/contract'
import type { Random } from './random.ts'

/** The part of JSON Schema that the contract's inputs use. */
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

/** Values for ids, cursors, revisions and texts, for which the schema has only the type. */
export interface Sources {
  id(field: string): string
  cursor(): string
  revision(): number
  text(field: string, maxLength: number): string
}

const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'pacific/apia']
const REVISIONS = new Set(['after', 'expectedRevision', 'revision'])

/** Generates a value that fits a schema. */
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
      // Rare, because an array of the maximum length is expensive.
      const isFull = random.below(300) === 0
      const length = isFull ? maxItems : minItems + random.below(Math.min(maxItems - minItems, 4) + 1)
      return Array.from({ length }, () => generate(schema.items ?? {}, random, sources, field))
    }
    case 'object': {
      const { properties = {}, required = [] } = schema
      const present = Object.entries(properties).filter(([name]) => required.includes(name) || random.below(2) === 0)
      return Object.fromEntries(present.map(([name, one]) => [name, generate(one, random, sources, name)]))
    }
    default:
      throw new Error(`generate() does not support the schema of ${field}: ${JSON.stringify(schema)}`)
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

/** Generates an input that the procedure accepts. Throws if none of 500 attempts fits. */
export function generateInput({ input }: AnyProcedure, schema: Schema, random: Random, sources: Sources): unknown {
  // Some rules are not in the JSON Schema, for instance that one of two fields is required.
  for (let attempts = 0; attempts < 500; attempts++) {
    const value = generate(schema.anyOf?.find(({ type }) => type === 'object') ?? schema, random, sources)
    if (input.safeParse(value).success) return value
  }
  throw new Error(`No generated input fits ${JSON.stringify(schema)}`)
}
