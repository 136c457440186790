import type { FastifyInstance } from 'fastify'

/** EventSource comes back after this, each reader at a time of its own: a restart ends the streams of all at once. */
const RETRY_MS = { least: 1000, most: 5000 }

/** Begins every event stream with a `retry` field, for which tRPC has no place. */
export function spreadRetries(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, _reply, payload) =>
    payload instanceof Response && payload.headers.get('content-type') === 'text/event-stream'
      ? withRetry(payload)
      : payload,
  )
}

function withRetry({ body, headers, status }: Response): Response {
  const reader = body?.getReader()
  const wait = Math.round(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least))
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(Buffer.from(`retry: ${wait}\n\n`)),
      async pull(controller) {
        const chunk = await reader?.read()
        if (chunk?.value === undefined) controller.close()
        else controller.enqueue(chunk.value)
      },
      cancel: async (reason) => await reader?.cancel(reason),
    },
    // What is read ahead here is nobody's yet.
    { highWaterMark: 0 },
  )
  return new Response(stream, { headers, status })
}
