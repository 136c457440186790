import { waitWords } from '../calls/failure-words.ts'

interface Reply {
  status: number
  /** The header `Retry-After`, in seconds. */
  retryAfter: string | null
  code?: unknown
  fields?: readonly { path: string; message: string }[]
}

/**
 * Changes the password. It ends every session of the account but this browser's, which gets a new one.
 * @throws Error that says to the user what is wrong
 */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  let response: Response
  try {
    response = await fetch('/auth/change-password', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ currentPassword, newPassword }),
    })
  } catch (cause) {
    throw new Error('The service cannot be reached. The password is as it was, or it was changed just now.', { cause })
  }
  if (response.ok) return
  // The body is not JSON if a proxy has answered. Then the status alone tells.
  const body = (await response.json().catch(() => ({}))) as Pick<Reply, 'code' | 'fields'>
  const retryAfter = response.headers.get('retry-after')
  throw new Error(passwordProblem({ status: response.status, retryAfter, ...body }))
}

/** Says why the service has not changed the password. */
export function passwordProblem({ status, retryAfter, code, fields }: Reply): string {
  if (code === 'INVALID_PASSWORD') return 'The current password is wrong.'
  if (status === 401) return 'Your session has ended. Sign in again.'
  if (status === 429 || code === 'OVERLOADED')
    return `Too many attempts. Try again in ${waitWords(retryAfter === null ? undefined : Number(retryAfter) * 1000)}.`
  const [field] = fields ?? []
  if (field !== undefined)
    return `The ${field.path === 'currentPassword' ? 'current' : 'new'} password ${field.message}.`
  if (status >= 500) return 'The service cannot change the password at the moment. Try again.'
  return 'The password could not be changed.'
}
