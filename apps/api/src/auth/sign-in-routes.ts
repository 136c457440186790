import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { RESET_PAGE } from './reset-page.ts'
import { fromHook, logFailure } from '../http/error-replies.ts'
import type { SignIn } from './sign-in.ts'
import { BODY_TOO_LONG, SIGN_IN_BODY_BYTES } from './sign-in-inputs.ts'
import { retryAfter } from '../trpc/shape.ts'

export interface SignInRoutesOptions {
  signIn: SignIn
  baseUrl: string
  /** Throws UNAVAILABLE until the database is verified. */
  requirePrepared(): void
  addressOf(request: FastifyRequest): string
}

/** Serves /auth, whose error bodies are `{code, message}`, and the page for setting a new password. */
export function mountSignInRoutes(
  app: FastifyInstance,
  { signIn, baseUrl, requirePrepared, addressOf }: SignInRoutesOptions,
): void {
  // Bodies are passed on as bytes; the sign-in parses them.
  app.removeAllContentTypeParsers()
  const bytes = { parseAs: 'buffer', bodyLimit: SIGN_IN_BODY_BYTES } as const
  app.addContentTypeParser('*', bytes, (_request, body, done) => done(null, body))
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return reply.code(413).send({ code: 'PAYLOAD_TOO_LARGE', message: BODY_TOO_LONG })
    const refusal = fromHook(error, reply)
    logFailure(request, refusal)
    const wait = retryAfter([refusal])
    if (wait !== undefined) reply.header('retry-after', wait)
    return reply.code(refusal.httpStatus).send({ code: refusal.appCode, message: refusal.message })
  })
  app.get('/reset-password', async (_request, reply) => await reply.headers(RESET_PAGE.headers).send(RESET_PAGE.html))
  app.all('/auth/*', async (request, reply) => {
    requirePrepared()
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value)
    const body = Buffer.isBuffer(request.body) ? { body: new Uint8Array(request.body) } : {}
    const response = await signIn.handle(
      new Request(new URL(request.url.slice(app.prefix.length), baseUrl), { method: request.method, headers, ...body }),
      addressOf(request),
    )
    return await reply.send(response)
  })
}
