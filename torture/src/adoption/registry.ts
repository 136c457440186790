import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A registry of npm packages that were packed here. */
export interface Registry extends AsyncDisposable {
  url: string
  /** Publishes the archives of a directory, and gives their versions the tags `latest` and `next`. */
  publish(directory: string): Promise<void>
}

interface Manifest {
  name: string
  version: string
}

interface Package {
  versions: Record<string, object>
  'dist-tags': Record<string, string>
}

export async function startRegistry(): Promise<Registry> {
  const packages = new Map<string, Package>()
  const archives = new Map<string, Buffer>()
  const server = createServer(({ url: path = '' }, response) => {
    const name = decodeURIComponent(path.slice(1))
    const found = packages.get(name)
    const archive = archives.get(name)
    if (found !== undefined)
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ name, ...found }))
    else if (archive !== undefined) response.end(archive)
    else response.writeHead(404).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has such an address.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    url,
    async publish(directory) {
      for (const file of await readdir(directory)) {
        const { stdout } = await promisify(execFile)('tar', ['-xzOf', join(directory, file), 'package/package.json'])
        // A file that a packer wrote, of this shape.
        const manifest = JSON.parse(stdout) as Manifest
        const { name, version } = manifest
        const content = await readFile(join(directory, file))
        archives.set(file, content)
        const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`
        const published = packages.get(name) ?? { versions: {}, 'dist-tags': {} }
        published.versions[version] = { ...manifest, dist: { tarball: `${url}${file}`, integrity } }
        published['dist-tags'] = { latest: version, next: version }
        packages.set(name, published)
      }
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
