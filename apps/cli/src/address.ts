import { CliError, EXIT } from './exit.ts'

export const DEFAULT_URL = 'http://localhost:4000'

/** The address of a service, without a slash at its end. `from` names where it was given. */
export function readUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/u.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new CliError(
      `${from} is "${text}", which is not the address of a service. Write it like ${DEFAULT_URL}`,
      EXIT.usage,
    )
  return (url.origin + url.pathname).replace(/\/+$/u, '')
}

/** True where whatever is sent can be read on the way. */
export function isOpenWire(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\]|.*\.localhost)$/u.test(hostname)
}
