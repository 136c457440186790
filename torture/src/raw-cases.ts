import type { Random } from './random.ts'

/** A raw HTTP request that the official client would not send. */
export interface RawCase {
  name: string
  bytes: string | Buffer
  /** The sender closes the connection after sending. */
  hangUp?: true
  /** Number of responses expected, 1 by default. */
  responses?: number
}

const CRLF = '\r\n'
const PATH = '/trpc/lists.list?input=%7B%7D'

/** Returns all raw requests; some have random parts. `token` is a valid session token. */
export function rawCases(token: string, random: Random): RawCase[] {
  const host = 'host: localhost'
  const auth = `authorization: Bearer ${token}`
  const json = 'content-type: application/json'
  const create = '{"title":"raw"}'
  const request = (line: string, headers: string[], body = ''): string => [line, ...headers, '', body].join(CRLF)
  const get = (path: string, ...headers: string[]): string => request(`GET ${path} HTTP/1.1`, [host, auth, ...headers])
  const post = (headers: string[], body: string, path = '/trpc/tasks.create'): string =>
    request(`POST ${path} HTTP/1.1`, [host, auth, ...headers], body)
  const sized = (body: string | Buffer, ...headers: string[]): Buffer =>
    Buffer.concat([
      Buffer.from(post([json, `content-length: ${Buffer.byteLength(body)}`, ...headers], '')),
      Buffer.from(body),
    ])
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random.below(256)))
  const many = (count: number, one: (nr: number) => string): string[] =>
    Array.from({ length: count }, (_, nr) => one(nr))
  const length = `content-length: ${create.length}`

  return [
    { name: 'bytes', bytes: bytes(1 + random.below(2000)) },
    { name: 'a TLS client hello', bytes: Buffer.concat([Buffer.from('16030100c8010000c40303', 'hex'), bytes(190)]) },
    { name: 'the preface of HTTP/2', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
    { name: 'HTTP/0.9', bytes: `GET ${PATH}\r\n\r\n` },
    { name: 'HTTP/1.0', bytes: `GET ${PATH} HTTP/1.0\r\n${auth}\r\n\r\n` },
    { name: 'HTTP/3.7', bytes: `GET ${PATH} HTTP/3.7\r\n${host}\r\n\r\n` },
    { name: 'no host', bytes: `GET ${PATH} HTTP/1.1\r\n${auth}\r\n\r\n` },
    { name: 'two hosts', bytes: get(PATH, 'host: elsewhere') },
    { name: 'an invalid host', bytes: request(`GET ${PATH} HTTP/1.1`, ['host: ][:99999/x?y', auth]) },
    { name: 'an absolute URL', bytes: get(`http://elsewhere.example${PATH}`) },
    { name: 'an absolute URL of sign-in', bytes: get('http://]/auth/get-session') },
    {
      name: 'an unusual path of sign-in',
      bytes: get(
        random.pick([
          '//auth/get-session',
          '/auth//',
          '/auth/%2e%2e/x',
          '/auth/\\x',
          '/auth/?x=%',
          '/auth/%00',
          '/auth/[::1',
        ]),
      ),
    },
    { name: 'CONNECT', bytes: request('CONNECT internal.example:443 HTTP/1.1', [host]) },
    ...['TRACE', 'TRACK', 'PROPFIND', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'QUERY', 'M-SEARCH', 'get'].map(
      (method) => ({
        name: method,
        bytes: request(`${method} ${random.pick([PATH, '/auth/sign-out', '/health/live', '/nothing'])} HTTP/1.1`, [
          host,
          auth,
          'connection: close',
        ]),
      }),
    ),
    { name: 'OPTIONS *', bytes: request('OPTIONS * HTTP/1.1', [host]) },
    {
      name: 'an upgrade to websocket',
      bytes: get(
        PATH,
        'connection: upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
      ),
    },
    {
      name: 'an upgrade to h2c',
      bytes: get(PATH, 'connection: upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'),
    },
    {
      name: 'a length and chunks',
      bytes: post([json, length, 'transfer-encoding: chunked'], `0\r\n\r\nGET /metrics HTTP/1.1\r\n${host}\r\n\r\n`),
    },
    { name: 'two lengths', bytes: post([json, length, 'content-length: 1'], create) },
    {
      name: 'two lengths in one header',
      bytes: post([json, `content-length: ${create.length}, ${create.length}`], create),
    },
    ...['-1', '1e3', '0x10', '+15', ' ', '99999999999999999999', '15 15'].map((value) => ({
      name: `a length of ${value}`,
      bytes: post([json, `content-length: ${value}`], create),
    })),
    ...['xchunked', 'chunked, identity', 'identity', 'gzip, chunked', ' chunked', '\tchunked', 'chunked\u000b'].map(
      (coding) => ({
        name: `a transfer coding ${JSON.stringify(coding)}`,
        bytes: Buffer.from(post([json, `transfer-encoding: ${coding}`], `f\r\n${create}\r\n0\r\n\r\n`), 'latin1'),
      }),
    ),
    ...[
      'g\r\n',
      '-1\r\nx\r\n',
      'ffffffffffffffff\r\nx',
      '5\r\nab',
      '1;ext="\r\n"\r\nx\r\n',
      '0\r\ntrailer: x\u0000\r\n\r\n',
      'f\n{"title":"raw"}\n0\n\n',
    ].map((chunks) => ({
      name: `chunks of ${JSON.stringify(chunks)}`,
      bytes: post([json, 'transfer-encoding: chunked'], chunks),
    })),
    {
      name: 'a body after content-length 0',
      bytes: `${post([json, 'content-length: 0'], '')}GET /metrics HTTP/1.1\r\n${host}\r\n\r\n`,
      responses: 2,
    },
    { name: 'half a head', bytes: get(PATH).slice(0, 20 + random.below(40)), hangUp: true },
    { name: 'half a body', bytes: post([json, 'content-length: 1000'], create), hangUp: true },
    { name: 'half a chunk', bytes: post([json, 'transfer-encoding: chunked'], `ff\r\n${create}`), hangUp: true },
    { name: 'a request whose sender has disconnected', bytes: sized('{"tasks":[{"title":"raw"}]}'), hangUp: true },
    { name: 'thousands of headers', bytes: get(PATH, ...many(2100, (nr) => `x-${nr}: ${nr}`)) },
    { name: 'a header too long', bytes: get(PATH, `x-long: ${'x'.repeat(100_000)}`) },
    {
      name: 'an unterminated header',
      bytes: `GET ${PATH} HTTP/1.1\r\n${host}\r\nx: ${'y'.repeat(20_000)}`,
      hangUp: true,
    },
    { name: 'thousands of cookies', bytes: get(PATH, `cookie: ${many(800, (nr) => `c${nr}=${nr}`).join('; ')}`) },
    {
      name: 'malformed cookies',
      bytes: Buffer.from(
        get(PATH, 'cookie: ;;=;taskwire.session_token=%E0%A4.x;a="\\";__proto__=1').replace(auth, 'x: y'),
        'latin1',
      ),
    },
    { name: 'a folded header', bytes: get(PATH, 'x-folded: a', '\tb') },
    { name: 'a blank before the colon', bytes: get(PATH, 'content-length : 5') },
    { name: 'no colon', bytes: get(PATH, 'nonsense') },
    { name: 'bare line feeds', bytes: get(PATH).replaceAll(CRLF, '\n') },
    { name: 'a bare carriage return', bytes: get(PATH, 'x: a\rb: c') },
    { name: 'NUL in a header', bytes: get(PATH, 'x: a\u0000b') },
    {
      name: 'bytes above ASCII in headers',
      bytes: Buffer.from(
        get(
          PATH,
          'x-request-id: \u00e9\u00ff',
          'x-taskwire-user: \u00e9',
          'x-taskwire-space: \u00e9',
          'origin: \u00ff',
          'user-agent: \u00fe',
        ),
        'latin1',
      ),
    },
    {
      name: 'bytes above ASCII as a credential',
      bytes: Buffer.from(get(PATH).replace(auth, 'authorization: Bearer \u00e9\u00ff\u0080'), 'latin1'),
    },
    { name: 'two credentials', bytes: get(PATH, 'authorization: Bearer other') },
    {
      name: 'two spaces',
      bytes: get(PATH, `x-taskwire-space: ${random.uuid()}`, `x-taskwire-space: ${random.uuid()}`),
    },
    { name: 'an unknown expectation', bytes: post([json, length, 'expect: 200-nonsense'], create) },
    { name: 'an expectation', bytes: post([json, length, 'expect: 100-continue'], create), responses: 2 },
    { name: 'a method override', bytes: get(PATH, 'x-http-method-override: DELETE', 'x-method-override: POST') },
    { name: 'a range', bytes: get(PATH, 'range: bytes=0-1,1-0,-5') },
    {
      name: 'accept headers',
      bytes: get(PATH, 'accept: */*;q=x', 'trpc-accept: application/jsonl', 'accept-encoding: br;q=9'),
    },
    ...['gzip', 'br', 'deflate', 'nonsense'].map((coding) => ({
      name: `a body in ${coding}`,
      bytes: sized(bytes(40), `content-encoding: ${coding}`),
    })),
    ...[
      'text/plain',
      'application/json; charset=utf-16',
      'application/json;;;',
      'application/json, text/plain',
      'multipart/form-data; boundary=',
      '/',
      '\u00e9',
      'application/octet-stream',
      'application/x-www-form-urlencoded',
      'application/JSON',
    ].map((type) => ({
      name: `a body of type ${type}`,
      bytes: Buffer.from(post([`content-type: ${type}`, length], create), 'latin1'),
    })),
    {
      name: 'a body that is not UTF-8',
      bytes: sized(
        Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xff, 0xc0, 0xed, 0xa0, 0x80]), Buffer.from('"}')]),
      ),
    },
    { name: 'a byte order mark', bytes: sized(`\ufeff${create}`) },
    { name: 'UTF-16', bytes: sized(Buffer.from(create, 'utf16le')) },
    { name: 'escaped lone surrogates', bytes: sized('{"title":"\\ud800\\udc","description":"\\udfff"}') },
    { name: 'NUL in JSON', bytes: sized('{"title":"a\\u0000b\u0000"}') },
    {
      name: '__proto__',
      bytes: sized('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"title":"raw"}'),
    },
    {
      name: '__proto__ in a batch',
      bytes: post(
        [json, 'content-length: 58'],
        '{"0":{"title":"raw"},"__proto__":{"1":{"title":"polluted"}}}'.slice(0, 58),
        '/trpc/tasks.create,tasks.create?batch=1',
      ),
    },
    { name: 'the same key a thousand times', bytes: sized(`{${many(1000, () => '"title":"raw"').join(',')}}`) },
    { name: '200,000 levels', bytes: sized(`{"title":${'['.repeat(200_000)}`) },
    { name: '200,000 levels of objects', bytes: sized('{"a":'.repeat(200_000)) },
    { name: '200,000 levels in a URL', bytes: get(`/trpc/tasks.list?input=${'['.repeat(200_000)}`) },
    { name: 'a number of 10,000 digits', bytes: sized(`{"expectedRevision":${'9'.repeat(10_000)}}`) },
    { name: 'a body over the limit', bytes: post([json, `content-length: ${5 * 1024 * 1024}`], 'x'.repeat(1000)) },
    { name: 'a URL too long', bytes: get(`/trpc/${'x'.repeat(20_000)}`) },
    { name: 'a procedure name too long', bytes: get(`/trpc/${'x'.repeat(6000)}`) },
    { name: 'a thousand calls', bytes: get(`/trpc/${many(1000, () => 'me.get').join(',')}?batch=1`) },
    { name: 'commas', bytes: get(`/trpc/${','.repeat(1 + random.below(3000))}?batch=1&input=%7B%7D`) },
    ...[
      '%',
      '%zz',
      '%E0%A4%A',
      '%00',
      '%2e%2e%2f',
      '..%c0%af',
      '%ff%fe',
      '%25%32%35',
      '\u00e9',
      '#x',
      '?input=%7B',
      '?input[]=1&input[]=2',
      '?batch=1&input=[]',
      '?batch=2',
      '?batch=1&batch=1',
      '?input=%7B%7D&input=%7B',
      '?__proto__[x]=1',
      `?input=${'%7B'.repeat(500)}`,
      '?input=null',
      '?input=%22',
      '?connectionParams=1',
      ';x=1',
      '//',
      '/../../etc/passwd',
      '\\..\\',
    ].map((end) => ({
      name: `a path with ${end.slice(0, 40)}`,
      bytes: Buffer.from(
        get(`${random.pick(['/trpc/tasks.list', '/trpc/', '/auth/get-session', '/health/live'])}${end}`),
        'latin1',
      ),
    })),
    // As many as one connection may have pending.
    { name: 'ten requests at once', bytes: many(10, () => get(PATH)).join(''), responses: 10 },
    { name: 'a good request after a bad one', bytes: `${get('/trpc/%')}${get(PATH)}`, responses: 2 },
    { name: 'a good request', bytes: get(PATH) },
  ]
}
