/** Signing in, up and out: what `/auth` answers, for programs and pages alike. */
export interface SignedIn {
  /** For `createClient({ token })`; a browser need not keep it, since it has the cookie. */
  token: string
  user: { id: string; email: string; name: string }
}

/** Signing in was refused. */
export class SignInError extends Error {
  override name = 'SignInError'
  /** The HTTP status: 400 for an input, 401 for a wrong e-mail address or password, 422 for an address in use, 429 for too many tries. */
  readonly status: number
  /** The sign-in library's code, such as INVALID_EMAIL_OR_PASSWORD. */
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export interface SignInInput {
  /** Where the service is. */
  url: string
  email: string
  password: string
}

/** Makes an account and a session. Passwords have 8 to 128 characters. */
export async function signUp({ url, ...body }: SignInInput & { name: string }): Promise<SignedIn> {
  return (await post(url, 'sign-up/email', body)) as SignedIn
}

/** Makes a session of seven days, which its use extends. */
export async function signIn({ url, ...body }: SignInInput): Promise<SignedIn> {
  return (await post(url, 'sign-in/email', body)) as SignedIn
}

/** Ends a session, from the next call on. */
export async function signOut({ url, token }: { url: string; token?: string | undefined }): Promise<void> {
  await post(url, 'sign-out', undefined, token)
}

async function post(url: string, path: string, body: unknown, token?: string): Promise<unknown> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/auth/${path}`, {
    method: 'POST',
    credentials: 'include',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok) return answer
  const { code = 'UNKNOWN', message = `The service answered ${response.status}` } = (answer ?? {}) as {
    code?: string
    message?: string
  }
  throw new SignInError(response.status, code, message)
}
