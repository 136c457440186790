import type { Schema } from '../compare/schema.ts'

/** A change of one schema, at one place. */
export interface Mutation {
  name: string
  apply(schema: Schema): void
}

/** Every schema within a schema, with its path. */
export function schemasIn(schema: Schema, path = ''): { path: string; schema: Schema }[] {
  const inside: [string, Schema | undefined | boolean][] = [
    ...Object.entries(schema.properties ?? {}).map(([name, field]): [string, Schema] => [`.${name}`, field]),
    ...Object.entries(schema.$defs ?? {}).map(([name, definition]): [string, Schema] => [`#${name}`, definition]),
    ...[schema.anyOf ?? [], schema.oneOf ?? []].flat().map((member, nr): [string, Schema] => [`|${nr}`, member]),
    ['[]', schema.items],
    ['.*', schema.additionalProperties],
  ]
  const nested = inside.flatMap(([name, field]) => (typeof field === 'object' ? schemasIn(field, path + name) : []))
  return [{ path, schema }, ...nested]
}

const isText = ({ type, enum: values, const: value }: Schema): boolean =>
  type === 'string' && values === undefined && value === undefined
const isNumber = ({ type }: Schema): boolean => type === 'integer' || type === 'number'
const clear = (schema: Schema): void => {
  // The definitions belong to the whole document.
  for (const key of Object.keys(schema)) if (key !== '$defs') delete schema[key as keyof Schema]
}

type Change = [name: string, applies: (schema: Schema, path: string) => boolean, apply: (schema: Schema) => void]

const fieldChanges = (schema: Schema): Change[] =>
  Object.keys(schema.properties ?? {}).flatMap((field): Change[] => [
    [
      `${field} removed`,
      () => true,
      (s) => {
        delete s.properties?.[field]
        if (s.required !== undefined) s.required = s.required.filter((name) => name !== field)
      },
    ],
    [
      `${field} renamed`,
      () => true,
      (s) => {
        const { [field]: moved, ...others } = s.properties ?? {}
        s.properties = { ...others, [`${field}Renamed`]: moved ?? {} }
        s.required = (s.required ?? []).map((name) => (name === field ? `${field}Renamed` : name))
      },
    ],
  ])

const INPUT: Change[] = [
  ['minLength', isText, (s) => void (s.minLength = (s.minLength ?? 0) + 1)],
  ['maxLength', isText, (s) => void (s.maxLength = (s.maxLength ?? 1000) - 1)],
  ['pattern', isText, (s) => void (s.pattern = '^a')],
  ['minimum', isNumber, (s) => void (s.minimum = (s.minimum ?? 0) + 1)],
  ['maximum', isNumber, (s) => void (s.maximum = (s.maximum ?? 1000) - 1)],
  ['minItems', ({ type }) => type === 'array', (s) => void (s.minItems = (s.minItems ?? 0) + 1)],
  ['maxItems', ({ type }) => type === 'array', (s) => void (s.maxItems = (s.maxItems ?? 1000) - 1)],
  ['first value of an enum removed', ({ enum: v }) => v !== undefined, (s) => void (s.enum = s.enum?.slice(1) ?? [])],
  [
    'null removed',
    ({ anyOf = [], type }) =>
      type !== 'null' && (anyOf.some((member) => member.type === 'null') || Array.isArray(type)),
    (s) => {
      if (Array.isArray(s.type)) s.type = s.type.filter((name) => name !== 'null')
      s.anyOf = s.anyOf?.filter((member) => member.type !== 'null') ?? []
      if (s.anyOf.length === 0) delete s.anyOf
    },
  ],
  ['a new required field', isObject, (s) => addField(s, true)],
  [
    'an optional field is required',
    (s) => Object.keys(s.properties ?? {}).some((name) => !s.required?.includes(name)),
    (s) => void (s.required = Object.keys(s.properties ?? {})),
  ],
  ['another default', (s) => s.default !== undefined, (s) => void (s.default = 'another')],
  ['no default', (s) => s.default !== undefined, (s) => delete s.default],
  ['a default', (s) => s.type === 'boolean' && s.default === undefined, (s) => void (s.default = true)],
  ['another type', ({ type }) => type === 'boolean' || type === 'string', (s) => (clear(s), void (s.type = 'integer'))],
]

const OUTPUT: Change[] = [
  [
    'null added',
    // Another member of its union may be null already.
    (s, path) => !/\|\d+$/.test(path) && typesOf(s).length > 0 && !typesOf(s).includes('null'),
    (s) => {
      const { $defs: _, ...before } = s
      clear(s)
      s.anyOf = [before, { type: 'null' }]
    },
  ],
  ['a value added to a closed set', ({ enum: values }) => values !== undefined, (s) => void s.enum?.push('another')],
  ['a closed set opened', ({ enum: values }) => values !== undefined, (s) => void delete s.enum],
  [
    'another order of a closed set',
    ({ enum: values }) => values !== undefined,
    (s) => void (s.enum = s.enum?.toReversed() ?? []),
  ],
  ['a field optional', (s) => (s.required ?? []).length > 0, (s) => void (s.required = s.required?.slice(1) ?? [])],
  ['another type', ({ type }) => type === 'boolean' || type === 'string', (s) => (clear(s), void (s.type = 'integer'))],
  ['another format', (s) => s.format !== undefined, (s) => void (s.format = 'email')],
  ['no minimum', (s) => s.minimum !== undefined, (s) => void delete s.minimum],
]

function typesOf({ anyOf, oneOf, type = [] }: Schema): string[] {
  return (anyOf ?? oneOf)?.flatMap(typesOf) ?? [type].flat()
}

function isObject({ type, additionalProperties }: Schema): boolean {
  return type === 'object' && typeof additionalProperties !== 'object'
}

function addField(schema: Schema, isRequired: boolean): void {
  schema.properties = { ...schema.properties, further: { type: 'string' } }
  if (isRequired) schema.required = [...(schema.required ?? []), 'further']
}

const SAFE: Record<'input' | 'output', Change[]> = {
  input: [
    ['a new optional field', isObject, (s) => addField(s, false)],
    ['a value added to a set', ({ enum: values }) => values !== undefined, (s) => void s.enum?.push('another')],
    ['maxLength raised', (s) => s.maxLength !== undefined, (s) => void (s.maxLength = 1e6)],
    ['maximum raised', (s) => s.maximum !== undefined, (s) => void delete s.maximum],
    ['minItems dropped', (s) => s.minItems !== undefined, (s) => void delete s.minItems],
    ['pattern dropped', (s) => s.pattern !== undefined && s.format === undefined, (s) => void delete s.pattern],
    ['required fields optional', (s) => s.required !== undefined, (s) => void delete s.required],
  ],
  output: [
    ['a new field', isObject, (s) => addField(s, true)],
    ['a new optional field', isObject, (s) => addField(s, false)],
    ['a value removed from a set', ({ enum: values }) => values !== undefined, (s) => void s.enum?.pop()],
    ['an optional field always there', isObject, (s) => void (s.required = Object.keys(s.properties ?? {}))],
  ],
}

/** Every change of these kinds, at every place of a schema where it can be made. */
export function mutationsOf(schema: Schema, side: 'input' | 'output', breaking: boolean): Mutation[] {
  const count = schemasIn(schema).length
  return Array.from({ length: count }, (_, nr) => nr).flatMap((nr) => {
    const place = schemasIn(schema)[nr]
    if (place === undefined) return []
    const changes = breaking ? [...(side === 'input' ? INPUT : OUTPUT), ...fieldChanges(place.schema)] : SAFE[side]
    return changes
      .filter(([, applies]) => applies(place.schema, place.path))
      .map(([name, , apply]) => ({
        name: `${side}${place.path}: ${name}`,
        apply: (copy: Schema) => {
          const target = schemasIn(copy)[nr]?.schema
          if (target !== undefined) apply(target)
        },
      }))
  })
}
