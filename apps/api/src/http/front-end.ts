import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

/** Where the page is built in a checkout, and where the package has it. */
const DIRECTORY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../web/dist/page' : '../page', import.meta.url),
)

/** The page runs its own scripts only, calls this service only, and cannot be framed. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What is done with a request that no route takes. */
export interface FrontEnd {
  /** Sends the page if a browser opens an address of the page. Returns whether it is one. */
  answer(request: FastifyRequest, reply: FastifyReply): boolean
}

/** Adds the files of the front end to the server. */
export async function serveFrontEnd(app: FastifyInstance, directory: string = DIRECTORY): Promise<FrontEnd> {
  if (!existsSync(join(directory, 'index.html')))
    return {
      answer(request) {
        if (isNavigation(request)) throw notBuilt()
        return false
      },
    }
  await app.register(fastifyStatic, {
    root: directory,
    // A route for each file: other addresses are not looked up on the disk.
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.header('content-security-policy', POLICY)
      reply.header('cross-origin-opener-policy', 'same-origin')
      // The names of assets contain a hash of their content.
      const isAsset = path.includes('/assets/')
      reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return {
    answer(request, reply) {
      if (!isNavigation(request)) return false
      void reply.sendFile('index.html')
      return true
    },
  }
}

const notBuilt = (): AppError =>
  new AppError(
    'NOT_FOUND',
    'The front end is not built: npm start builds it. Calls go to /trpc, and signing in to /auth.',
  )

/** The addresses of the service: what is not found there is an error. */
const OWN = /^\/(trpc|auth|health|metrics|assets)(\/|$|\?)/

function isNavigation({ method, url, headers }: FastifyRequest): boolean {
  const accepts = headers['sec-fetch-mode'] === 'navigate' || (headers.accept ?? '').includes('text/html')
  return (method === 'GET' || method === 'HEAD') && accepts && !OWN.test(url)
}
