/** The names of fields, as they are on the screen. */
const NAMES: Partial<Record<string, string>> = {
  listId: 'List',
  name: 'Name',
  title: 'Title',
  description: 'Description',
  complete: 'Completed',
  priority: 'Priority',
  tags: 'Tags',
  due: 'Due date',
  after: 'Place in the list',
  email: 'Email',
  password: 'Password',
  timeZone: 'Time zone',
  expiresAt: 'Expiry date',
}

/** Returns the name of a field, or of the field in a path such as `changes.tags.3`. */
export function nameOfField(path: string): string {
  const field = path.split('.').find((part) => NAMES[part] !== undefined)
  return field === undefined ? path : (NAMES[field] ?? path)
}
