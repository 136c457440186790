import { LIMITS } from '@taskwire/client'
import { useId } from 'react'
import { DueField } from '../detail/due-field.tsx'
import { ListSelect, PrioritySelect } from '../detail/selects.tsx'
import { TagsField } from '../detail/tags-field.tsx'
import { nameOfField } from '../calls/field-names.ts'
import { problemOf, type Values } from './mending.ts'

interface MendFieldProps {
  field: string
  values: Values
  onChange(values: Values): void
}

/** An input for another value of a refused field. */
export function MendField({ field, values, onChange }: MendFieldProps) {
  switch (field) {
    case 'title':
      return <TextInput field={field} value={values.title ?? ''} onChange={(title) => onChange({ title })} />
    case 'name':
      return <TextInput field={field} value={values.name ?? ''} onChange={(name) => onChange({ name })} />
    case 'description':
      return (
        <TextInput
          field={field}
          value={values.description ?? ''}
          onChange={(text) => onChange({ description: text === '' ? null : text })}
        />
      )
    case 'tags':
      return (
        <>
          <TagsField tags={values.tags ?? []} onChange={(tags) => onChange({ tags })} />
          <Problem field={field} value={values.tags} />
        </>
      )
    case 'due':
      return <DueField due={values.due ?? null} onChange={(due) => onChange({ due })} />
    case 'listId':
      return <ListSelect value={values.listId ?? null} onChange={(listId) => onChange({ listId })} />
    case 'priority':
      return <PrioritySelect value={values.priority ?? 'none'} onChange={(priority) => onChange({ priority })} />
    default:
      return null
  }
}

interface TextInputProps {
  field: string
  value: string
  onChange(value: string): void
}

function TextInput({ field, value, onChange }: TextInputProps) {
  const id = useId()
  const props = {
    id,
    value,
    dir: 'auto',
    'aria-invalid': problemOf(field, value) !== undefined,
    'aria-describedby': `${id}-problem`,
    onChange: ({ target }: { target: { value: string } }) => onChange(target.value),
  }
  const isLong = field === 'description' || value.length > LIMITS.listName
  return (
    <p className="field">
      <label htmlFor={id}>{nameOfField(field)}</label>
      {isLong ? <textarea {...props} rows={4} /> : <input {...props} />}
      <Problem id={`${id}-problem`} field={field} value={value} />
    </p>
  )
}

const Problem = ({ id, field, value }: { id?: string; field: string; value: unknown }) => (
  <small id={id} role="alert">
    {problemOf(field, value)}
  </small>
)
