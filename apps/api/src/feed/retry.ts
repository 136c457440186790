import type { FastifyInstance } from 'fastify'

/** EventSource reconnects after a random time in this range, since a restart ends all streams at once. */
const RETRY_MS = { least: 1000, most: 5000 }

/** Begins every event stream with a `retry` field, which tRPC cannot send. */
export function spreadRetries(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, _reply, payload) =>
    payload instanceof Response && payload.headers.get('content-type') === 'text/event-stream'
      ? withRetry(payload)
      : payload,
  )
}

function withRetry({ body, headers, status }: Response): Response {
  const reader = body?.getReader()
  const retryMs = Math.round(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least))
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(Buffer.from(`retry: ${retryMs}\n\n`)),
      async pull(controller) {
        const chunk = await reader?.read()
        if (chunk?.value === undefined) controller.close()
        else controller.enqueue(chunk.value)
      },
      cancel: async (reason) => await reader?.cancel(reason),
    },
    // Reads nothing before the connection asks for it: a Change buffered here would count as sent.
    { highWaterMark: 0 },
  )
  return new Response(stream, { headers, status })
}
