/** A JSON Schema in contract.json, with the keywords that zod writes. */
export interface Schema {
  $ref?: string
  $defs?: Record<string, Schema>
  type?: string | string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minItems?: number
  maxItems?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
}

export type Definitions = Record<string, Schema>

/** One kind of value that a schema allows: its `type` is one name or absent, and it has no `anyOf`, `oneOf` or `enum`. */
export type Alternative = Omit<Schema, 'type' | 'anyOf' | 'oneOf' | 'enum' | '$ref'> & { type?: string }

const COMPARED =
  '$schema $ref $defs type anyOf oneOf enum const default format pattern minLength maxLength minimum maximum ' +
  'exclusiveMinimum exclusiveMaximum minItems maxItems items properties required additionalProperties propertyNames'
/** These keywords say nothing about the values. */
const WORDS = 'id title description examples deprecated'
const KNOWN = new Set(`${COMPARED} ${WORDS}`.split(' '))

/** Follows references. Throws on a keyword that is not compared, which would hide a change. */
export function resolve(schema: Schema, definitions: Definitions): Schema {
  const unknown = Object.keys(schema).find((keyword) => !KNOWN.has(keyword))
  if (unknown !== undefined)
    throw new Error(
      `The schema keyword ${unknown} is not compared with releases yet: add it to ${import.meta.filename}`,
    )
  if (schema.$ref === undefined) return schema
  const target = definitions[schema.$ref.replace('#/$defs/', '')]
  if (target === undefined) throw new Error(`There is no definition ${schema.$ref}`)
  return resolve(target, definitions)
}

/** Splits a schema into its alternatives: the members of a union, the values of an enum, or several types. */
export function alternativesOf(given: Schema, definitions: Definitions): Alternative[] {
  const schema = resolve(given, definitions)
  const union = schema.anyOf ?? schema.oneOf
  if (union !== undefined) return union.flatMap((member) => alternativesOf(member, definitions))
  const { type, enum: values, ...others } = schema
  if (values !== undefined) return values.map((value) => ({ ...others, const: value }))
  if (Array.isArray(type)) return type.map((one) => ({ ...others, type: one }))
  return [type === undefined ? others : { ...others, type }]
}

/** True for a schema that allows any value, such as for a field of a row in a Change. */
export function isAnything({ type, const: value }: Alternative): boolean {
  return type === undefined && value === undefined
}

/** Returns the name of an alternative for a message. */
export function nameOf(alternative: Alternative): string {
  if (alternative.const !== undefined) return JSON.stringify(alternative.const)
  return alternative.type ?? 'any value'
}
