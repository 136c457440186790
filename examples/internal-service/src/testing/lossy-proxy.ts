import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy between a client and a service that drops replies. */
export interface LossyProxy extends AsyncDisposable {
  url: string
  /** The mutation ids of each forwarded request, in order. */
  forwarded: string[][]
}

/** Forwards all requests. Closes the connection instead of sending the first `lost` replies to mutations. */
export async function startLossyProxy(service: string, lost: number): Promise<LossyProxy> {
  const forwarded: string[][] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const isMutation = incoming.method === 'POST'
      if (isMutation) forwarded.push(mutationIdsOf(body.toString()))
      const isLost = isMutation && forwarded.length <= lost
      const { method, headers, url = '/' } = incoming
      const onward = request(new URL(url, service), { method, headers, agent: false }, (reply) => {
        // Once the reply is complete, the service has applied the mutation.
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.on('end', () => {
          if (isLost) outgoing.destroy()
          else outgoing.writeHead(reply.statusCode ?? 502, reply.headers).end(Buffer.concat(parts))
        })
      })
      onward.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwarded,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function mutationIdsOf(body: string): string[] {
  const calls = Object.values(JSON.parse(body) as Record<string, { mutationId: string }>)
  return calls.map(({ mutationId }) => mutationId)
}
