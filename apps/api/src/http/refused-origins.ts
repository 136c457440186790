import type { FastifyInstance } from 'fastify'

/** Anyone can send any origin, so only this many are remembered. */
const MAX_ORIGINS = 100
const MAX_LENGTH = 300

/** Logs a warning for each origin whose pages are refused: browsers tell the pages only that the request failed. */
export function warnOfRefusedOrigins(app: FastifyInstance, allowed: readonly string[]): void {
  const known = new Set(allowed)
  const most = known.size + MAX_ORIGINS
  app.addHook('onRequest', ({ headers: { origin } }, _reply, done) => {
    if (origin !== undefined && !known.has(origin) && known.size < most && isOrigin(origin)) {
      known.add(origin)
      app.log.warn(
        { origin },
        `Pages of ${origin} are refused. If they are yours, add this origin to ALLOWED_ORIGINS${known.size < most ? '' : '; further origins are not logged'}.`,
      )
    }
    done()
  })
}

/** True for an origin that ALLOWED_ORIGINS could contain. */
function isOrigin(text: string): boolean {
  return text.length <= MAX_LENGTH && /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}
