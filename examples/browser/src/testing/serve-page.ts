import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { rolldown } from 'rolldown'

/** A page served on its own origin. */
export interface ServedPage extends AsyncDisposable {
  origin: string
  /** Resolves with what the page reports. */
  report: Promise<unknown>
}

/** Bundles a script for browsers and serves a page that runs it. */
export async function servePage(script: string): Promise<ServedPage> {
  const bundler = await rolldown({ input: script, platform: 'browser' })
  const { output } = await bundler.generate({ format: 'esm', minify: true, codeSplitting: false })
  await bundler.close()
  const files = new Map([
    [
      '/',
      {
        type: 'text/html',
        body: '<!doctype html><title>Taskwire</title><script type="module" src="/page.js"></script>',
      },
    ],
    ['/page.js', { type: 'text/javascript', body: output[0].code }],
  ])
  const { promise: report, resolve } = Promise.withResolvers<unknown>()
  const server = createServer((request, response) => {
    if (request.method === 'POST') void readReport(request).then(() => response.end())
    else {
      const file = files.get(request.url?.split('?', 1)[0] ?? '')
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': file?.type ?? 'text/plain' }).end(file?.body)
    }
  })
  async function readReport(request: IncomingMessage): Promise<void> {
    resolve(JSON.parse(await text(request)))
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    report,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
