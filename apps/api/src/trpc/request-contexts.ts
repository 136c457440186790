import type { IncomingMessage } from 'node:http'
import type { Caller } from '@taskwire/db'
import { callerOf, notSignedIn } from '../auth/caller.ts'
import type { ExtendSession } from '../auth/session-extension.ts'
import type { BufferedBytes } from '../http/buffered-bytes.ts'
import { isOwnCall } from '../http/network.ts'
import type { CallShape } from '../limits/call-shapes.ts'
import type { CredentialLookups } from '../limits/credential-lookups.ts'
import type { KnownCallers } from '../limits/known-callers.ts'
import type { LimitedDatabase, Source } from '../limits/limited-database.ts'
import { pacingFor } from '../limits/pacing.ts'
import type { RequestContext } from '../procedures/context.ts'
import type { MountOptions } from './mount.ts'

export interface RequestContextsOptions extends Pick<RequestContext, 'feed' | 'requirePrepared' | 'onCall'> {
  bufferedBytes: BufferedBytes
  credentialLookups: CredentialLookups
  knownCallers: KnownCallers
  limitedDatabaseFor(caller: Caller, source: Source, shape: CallShape): LimitedDatabase
  /** Returns the network under which a request is counted while its user is unknown. */
  networkOf(request: IncomingMessage): string
  extend: ExtendSession
}

/** Creates the context of each request for calls, and admits long bodies. */
export function createRequestContexts({
  feed,
  bufferedBytes,
  credentialLookups,
  knownCallers: { keyOf, learn },
  limitedDatabaseFor,
  networkOf,
  extend,
  requirePrepared,
  onCall,
}: RequestContextsOptions): Pick<MountOptions, 'admitBody' | 'contextOf'> {
  return {
    async admitBody(request, reply, bytes) {
      const caller = callerOf(request)
      if (caller === undefined) throw notSignedIn(request)
      requirePrepared()
      await credentialLookups.requireVerified(caller, networkOf(request.raw))
      const buffer = bufferedBytes.track(reply.raw, () => keyOf(caller))
      buffer.requireRoom()
      buffer.add(bytes)
    },
    contextOf(request, reply, signal) {
      const caller = callerOf(request)
      const network = networkOf(request.raw)
      const buffer = bufferedBytes.track(reply.raw, () => (caller === undefined ? network : keyOf(caller)))
      return {
        feed,
        caller,
        // The request id of a host may be longer.
        requestId: request.id.slice(0, 100),
        log: request.log,
        signal,
        pace: pacingFor(request.body),
        buffer,
        requirePrepared,
        limitedDatabaseFor: (as, shape) => limitedDatabaseFor(as, { network, buffer }, shape),
        onCall(path, outcome, milliseconds) {
          if (caller !== undefined && outcome === 'UNAUTHENTICATED') credentialLookups.onBadCredential(network)
          if (!isOwnCall(request.raw)) onCall(path, outcome, milliseconds)
        },
        hangUp: () => void reply.raw.destroy(),
        onAuthenticated(authenticated, userId, expiresAt) {
          learn(authenticated, userId)
          extend(authenticated, expiresAt, request.log)
        },
      }
    },
  }
}
