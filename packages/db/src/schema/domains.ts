import { customType } from 'drizzle-orm/pg-core'

// The columns whose values have a rule of their own. The rule is the domain's, which the first migration makes; its limits
// are the contract's (domains.test.ts).
const domain = <T>(name: string) => customType<{ data: T }>({ dataType: () => `tw.${name}` })

export const accountName = domain<string>('account_name')
export const keyName = domain<string>('key_name')
export const listName = domain<string>('list_name')
export const spaceKind = domain<'personal'>('space_kind')
export const spaceName = domain<string>('space_name')
export const title = domain<string>('title')
export const description = domain<string>('description')
/** In lower case, so that one address is one account. */
export const email = domain<string>('email')
/** Of the IANA database. */
export const timeZone = domain<string>('time_zone')
/** The rank in the contract's PRIORITIES: a number, since enum operators are no index conditions behind a policy. */
export const priority = domain<number>('priority')
export const tags = domain<string[]>('tags')
/** The tags as they are compared, made by the service: lower() is not JavaScript's. */
export const tagKeys = domain<string[]>('tag_keys')
export const dueDate = domain<string>('due_date')
export const dueTime = domain<string>('due_time')
export const dueInstant = domain<string>('due_instant')
/** Compared bytewise: the domain has collation "C". */
export const position = domain<string>('position')
export const revision = domain<number>('revision')
/** The latest revision of a space. */
export const head = domain<number>('head')
export const scopes = domain<string[]>('scopes')
export const serviceScopes = domain<string[]>('service_scopes')
export const sha256 = domain<Buffer>('sha256')
