import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between a client and a service, and loses answers. */
export interface LossyProxy extends AsyncDisposable {
  url: string
  /** The mutation ids of every request that it passed on, in order. */
  passed: string[][]
}

/** Passes everything on, and cuts the connection in place of the first answers to mutations. */
export async function startLossyProxy(service: string, lost: number): Promise<LossyProxy> {
  const passed: string[][] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const mutating = incoming.method === 'POST'
      if (mutating) passed.push(idsOf(body.toString()))
      const loses = mutating && passed.length <= lost
      const { method, headers, url = '/' } = incoming
      const onward = request(new URL(url, service), { method, headers, agent: false }, (answer) => {
        // The service has done its work once its answer is here whole.
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          if (loses) outgoing.destroy()
          else outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(parts))
        })
      })
      onward.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function idsOf(body: string): string[] {
  const calls = Object.values(JSON.parse(body) as Record<string, { mutationId: string }>)
  return calls.map(({ mutationId }) => mutationId)
}
