import { once } from 'node:events'
import { createServer } from 'node:http'
import { rolldown } from 'rolldown'

/** A server of pages, each of which runs one script. */
export interface Pages extends AsyncDisposable {
  /** For example `127.0.0.1:12345`. */
  address: string
}

/** Bundles scripts for browsers. `/name` is the page that runs the script `name`. */
export async function servePages(scripts: Record<string, string>): Promise<Pages> {
  const bundles = new Map<string, string>()
  for (const [name, file] of Object.entries(scripts)) bundles.set(name, await bundle(file))
  const server = createServer((request, response) => {
    const [, name = '', extension] = /^\/([\w-]*)(\.js)?$/.exec(request.url ?? '') ?? []
    const script = bundles.get(name)
    if (script === undefined) response.writeHead(404).end()
    else if (extension === undefined)
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(
          `<!doctype html><title>Tasks</title><link rel="icon" href="data:," /><body><script src="/${name}.js"></script></body>`,
        )
    else response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(script)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bundle(file: string): Promise<string> {
  await using bundler = await rolldown({
    input: file,
    platform: 'browser',
    // React's checks, such as those of StrictMode, are in its development build only.
    transform: { define: { 'process.env.NODE_ENV': '"development"' } },
  })
  const { output } = await bundler.generate({ format: 'iife', codeSplitting: false })
  return output[0].code
}
