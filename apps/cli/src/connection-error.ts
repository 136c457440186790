import { DEFAULT_URL } from './address.ts'

/** Returns the message for a service that cannot be reached. */
export function unreachable(reason: string, url: string): string {
  const start =
    url === DEFAULT_URL ? 'Start the service with npm start' : 'Check that the service runs there (npm start)'
  return `Cannot reach Taskwire at ${url}: ${reason}. ${start}, or set another URL with TASKWIRE_URL or --url.`
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host does not exist',
  EAI_AGAIN: 'the host name cannot be resolved',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ECONNRESET: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  EPROTO: 'it does not speak HTTPS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak HTTPS',
}

/** Returns why the service did not answer; null if neither the error nor its causes are connection errors. */
export function connectionFailure(error: unknown): string | null {
  let found: string | null = null
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 6; cause = cause.cause, depth++) {
    const code: unknown = Reflect.get(cause, 'code')
    if (typeof code === 'string' && REASONS[code] !== undefined) return REASONS[code]
    if (typeof code === 'string' && /CERT|SIGNATURE|SELF_SIGNED|UNABLE_TO/u.test(code))
      return `its certificate is not trusted (${code})`
    if (cause.name === 'TimeoutError') return 'it did not answer in time'
    if (cause instanceof TypeError && cause.message === 'fetch failed') found = 'the connection failed'
  }
  return found
}
