import type { RawCase } from './raw-cases.ts'

/** Requests that once had a wrong response, sent in every run. */
export const REGRESSIONS = (token: string): RawCase[] => {
  const rest = `authorization: Bearer ${token}\r\ncontent-length: 0\r\n`
  const request = (line: string, headers: string): string => `${line} HTTP/1.1\r\n${headers}${rest}\r\n`
  const host = 'host: localhost\r\n'
  return [
    // Was 500: tRPC builds a URL from the header.
    { name: 'a Host header of brackets', bytes: request('GET /trpc/me.get', 'host: ][:99999/x?y\r\n') },
    { name: 'a host with an invalid port', bytes: request('GET /auth/get-session', 'host: localhost:99999\r\n') },
    // Was 500: new Request() refuses the method.
    { name: 'TRACE to a procedure', bytes: request('TRACE /trpc/me.get', host) },
    { name: 'TRACE to sign-in', bytes: request('TRACE /auth/get-session', host) },
    // Were answered by Node itself, without a body.
    { name: 'a call without a Host header', bytes: request('GET /trpc/me.get', '') },
    { name: 'an unknown expectation', bytes: request('POST /trpc/tasks.create', `${host}expect: nonsense\r\n`) },
    // Were 500: zod compares a `length` that cannot become a number.
    ...[
      'tasks.list?input={"cursor":{"length":{"toString":1}}}',
      'tasks.count?input={"filter":{"priority":{"length":{}}}}',
    ].map((path) => ({ name: path, bytes: request(`GET /trpc/${path.replaceAll('"', '%22')}`, host) })),
    {
      name: 'a sign-up with a `length` that is not a number',
      bytes: `POST /auth/sign-up/email HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: 36\r\n\r\n{"email":{"length":{"toString":1}}} `,
    },
    // Was answered in plain text.
    { name: 'OPTIONS without a preflight header', bytes: request('OPTIONS /trpc/me.get', host) },
  ]
}
