import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Instance } from './instance.ts'
import { until } from './processes.ts'

/** In front of the instances: sends to those that say they are ready. */
export interface Balancer extends AsyncDisposable {
  url: string
  kind: 'haproxy' | 'own'
  /** Resolves when it sends calls to the instance. */
  serves(instance: Instance): Promise<void>
}

const CHECK_MS = 100
/** A machine that stands still for a while is no instance that is not ready. */
const CHECK_PATIENCE_MS = 10_000
const HAPROXY = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/opt/homebrew/bin/haproxy']

/** haproxy where it is installed, else a small one of our own. */
export async function startBalancer(instances: readonly Instance[], own = false): Promise<Balancer> {
  const program = HAPROXY.find((path) => existsSync(path))
  return own || program === undefined ? await startOwn(instances) : await startHaproxy(program, instances)
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
  # Without it a check is given no longer than its interval.
  timeout check ${CHECK_PATIENCE_MS}ms
  # A connection that was refused has carried nothing: another instance is asked.
  retries 3
  option redispatch 1
  retry-on conn-failure
frontend calls
  bind 127.0.0.1:${port}
  default_backend api
frontend figures
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
  const up = async (instance: Instance): Promise<boolean> => {
    const stats = await fetch(`http://127.0.0.1:${statsPort}/;csv`).then(
      async (response) => await response.text(),
      () => '',
    )
    return new RegExp(`^api,on${instance.port},.*,UP,`, 'm').test(stats)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    kind: 'haproxy',
    serves: async (instance) => await until('haproxy to find the instance', async () => await up(instance)),
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startOwn(instances: readonly Instance[]): Promise<Balancer> {
  const ready = new Set<Instance>()
  let turn = 0
  let ended = false

  async function check(instance: Instance): Promise<void> {
    const answer = await fetch(`${instance.url}/health/ready`, {
      signal: AbortSignal.timeout(CHECK_PATIENCE_MS),
    }).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.status === 200) ready.add(instance)
    else ready.delete(instance)
    if (!ended) setTimeout(() => void check(instance), CHECK_MS).unref()
  }
  const checks = instances.map(async (instance) => await check(instance))

  /** Hands over to the next that is ready; to another where the connection is refused. */
  function forward(incoming: IncomingMessage, outgoing: ServerResponse, tried: ReadonlySet<Instance>): void {
    // Its `close` event has passed, and would not end the connection to the instance.
    if (outgoing.destroyed) return
    const candidates = instances.filter((instance) => ready.has(instance) && !tried.has(instance))
    const instance = candidates[turn++ % Math.max(1, candidates.length)]
    if (instance === undefined) return refuse(outgoing, 503)
    const { method, url: path, headers } = incoming
    const onward = request({ host: '127.0.0.1', port: instance.port, method, path, headers, agent: false })
    onward.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
      answer.once('error', () => outgoing.destroy())
    })
    onward.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return forward(incoming, outgoing, new Set([...tried, instance]))
      refuse(outgoing, 502)
    })
    sendBody(incoming, outgoing, onward)
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
    serves: async (instance) => await until('the balancer to find the instance', () => ready.has(instance)),
    async [Symbol.asyncDispose]() {
      ended = true
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Once it is connected: what was refused has taken nothing of the body. */
function sendBody(incoming: IncomingMessage, outgoing: ServerResponse, onward: ClientRequest): void {
  outgoing.once('close', () => onward.destroy())
  onward.once('socket', (socket) => socket.once('connect', () => incoming.pipe(onward)))
}

function refuse(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) outgoing.destroy()
  else outgoing.writeHead(status, { 'content-type': 'text/plain' }).end('No instance answers\n')
}
