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
    throw new Error(
      'We do not know whether your password was changed: the service did not answer. If the old one no longer works, use the new one.',
      { cause },
    )
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
  if (status >= 500) return 'The service cannot change the password at the moment. Try again later.'
  return `The password was not changed: the service replied with status ${status}. Reload the page, and try again.`
}
