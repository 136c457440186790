import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Instance } from './instance.ts'
import { until } from './processes.ts'

/** A load balancer that sends calls to the instances that are ready. */
export interface Balancer extends AsyncDisposable {
  url: string
  kind: 'haproxy' | 'own'
  /** Resolves when calls are sent to the instance. */
  waitFor(instance: Instance): Promise<void>
}

const CHECK_MS = 100
/** Long, so that an instance still counts as ready when the machine has paused for a while. */
const CHECK_TIMEOUT_MS = 10_000
const HAPROXY = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/opt/homebrew/bin/haproxy']

/** Starts haproxy where it is installed, else a small balancer in this process. */
export async function startBalancer(instances: readonly Instance[], preferOwn = false): Promise<Balancer> {
  const program = HAPROXY.find((path) => existsSync(path))
  return preferOwn || program === undefined ? await startOwn(instances) : await startHaproxy(program, instances)
}

async function startHaproxy(program: string, instances: readonly Instance[]): Promise<Balancer> {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-haproxy-'))
  const [port, statsPort] = [await freePort(), await freePort()]
  const file = join(directory, 'haproxy.cfg')
  await writeFile(
    file,
    `defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  # By default a check may take no longer than its interval.
  timeout check ${CHECK_TIMEOUT_MS}ms
  # Nothing was sent on a refused connection, so the call can go to another instance.
  retries 3
  option redispatch 1
  retry-on conn-failure
frontend calls
  bind 127.0.0.1:${port}
  default_backend api
frontend metrics
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /
backend api
  balance roundrobin
  option httpchk GET /health/ready
  default-server check inter ${CHECK_MS}ms fall 2 rise 1
${instances.map((instance) => `  server on${instance.port} 127.0.0.1:${instance.port}`).join('\n')}
`,
  )
  const child = spawn(program, ['-db', '-f', file], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const isUp = async (instance: Instance): Promise<boolean> => {
    const stats = await fetch(`http://127.0.0.1:${statsPort}/;csv`).then(
      async (found) => await found.text(),
      () => '',
    )
    return new RegExp(`^api,on${instance.port},.*,UP,`, 'm').test(stats)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    kind: 'haproxy',
    waitFor: async (instance) => await until('haproxy to find the instance', async () => await isUp(instance)),
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startOwn(instances: readonly Instance[]): Promise<Balancer> {
  const ready = new Set<Instance>()
  let next = 0
  let isClosed = false

  async function check(instance: Instance): Promise<void> {
    const response = await fetch(`${instance.url}/health/ready`, {
      signal: AbortSignal.timeout(CHECK_TIMEOUT_MS),
    }).catch(() => null)
    await response?.body?.cancel()
    if (response?.status === 200) ready.add(instance)
    else ready.delete(instance)
    if (!isClosed) setTimeout(() => void check(instance), CHECK_MS).unref()
  }
  const checks = instances.map(async (instance) => await check(instance))

  /** Sends a call to the next ready instance, or to another if the connection is refused. */
  function forward(incoming: IncomingMessage, outgoing: ServerResponse, tried: ReadonlySet<Instance>): void {
    // The caller has gone. Its `close` event has already fired, so sendBody() would not see it.
    if (outgoing.destroyed) return
    const candidates = instances.filter((instance) => ready.has(instance) && !tried.has(instance))
    const instance = candidates[next++ % Math.max(1, candidates.length)]
    if (instance === undefined) return refuse(outgoing, 503)
    const { method, url: path, headers } = incoming
    const forwarded = request({ host: '127.0.0.1', port: instance.port, method, path, headers, agent: false })
    forwarded.once('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
      response.once('error', () => outgoing.destroy())
    })
    forwarded.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return forward(incoming, outgoing, new Set([...tried, instance]))
      refuse(outgoing, 502)
    })
    sendBody(incoming, outgoing, forwarded)
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) =>
    forward(incoming, outgoing, new Set()),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await Promise.all(checks)
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    kind: 'own',
    waitFor: async (instance) => await until('the balancer to find the instance', () => ready.has(instance)),
    async [Symbol.asyncDispose]() {
      isClosed = true
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Reads the body only once connected, so that after a refused connection another instance gets all of it. */
function sendBody(incoming: IncomingMessage, outgoing: ServerResponse, forwarded: ClientRequest): void {
  outgoing.once('close', () => forwarded.destroy())
  forwarded.once('socket', (socket) => socket.once('connect', () => incoming.pipe(forwarded)))
}

function refuse(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) outgoing.destroy()
  else outgoing.writeHead(status, { 'content-type': 'text/plain' }).end('No instance is ready\n')
}
