import type { RawCase } from './raw-cases.ts'

/** What was once answered wrongly, kept to be tried each time. */
export const FOUND = (token: string): RawCase[] => {
  const rest = `authorization: Bearer ${token}\r\ncontent-length: 0\r\n`
  const request = (line: string, headers: string): string => `${line} HTTP/1.1\r\n${headers}${rest}\r\n`
  const host = 'host: localhost\r\n'
  return [
    // 500: tRPC makes an address of the header.
    { name: 'a host of brackets', bytes: request('GET /trpc/me.get', 'host: ][:99999/x?y\r\n') },
    { name: 'a host with a port that is none', bytes: request('GET /auth/get-session', 'host: localhost:99999\r\n') },
    // 500: no Request can be made of the method.
    { name: 'TRACE of a call', bytes: request('TRACE /trpc/me.get', host) },
    { name: 'TRACE of a sign-in', bytes: request('TRACE /auth/get-session', host) },
    // Node's own answers, without a body.
    { name: 'a call without a host', bytes: request('GET /trpc/me.get', '') },
    { name: 'an expectation that is none', bytes: request('POST /trpc/tasks.create', `${host}expect: nonsense\r\n`) },
    // 500: zod compares a length that has no value.
    ...[
      'tasks.list?input={"cursor":{"length":{"toString":1}}}',
      'tasks.count?input={"filter":{"priority":{"length":{}}}}',
    ].map((path) => ({ name: path, bytes: request(`GET /trpc/${path.replaceAll('"', '%22')}`, host) })),
    {
      name: 'a sign-up with an odd length',
      bytes: `POST /auth/sign-up/email HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: 36\r\n\r\n{"email":{"length":{"toString":1}}} `,
    },
    // Plain text.
    { name: 'OPTIONS that asks for nothing', bytes: request('OPTIONS /trpc/me.get', host) },
  ]
}
