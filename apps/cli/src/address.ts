import { CliError, EXIT } from './exit.ts'

export const DEFAULT_URL = 'http://localhost:4000'

/** Returns the URL of a service without a trailing slash. `from` names the option or variable that has the text. */
export function readUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/u.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new CliError(
      `${from} is "${text}", which is not the URL of a service. Write one such as ${DEFAULT_URL}`,
      EXIT.usage,
    )
  return (url.origin + url.pathname).replace(/\/+$/u, '')
}

/** True if requests leave this computer unencrypted. */
export function isUnencrypted(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\]|.*\.localhost)$/u.test(hostname)
}
