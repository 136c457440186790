import { APP_CODES, type KnownAppCode } from '@taskwire/contract/errors'
import type { Reply } from './network-rules.ts'

/** An error in the form of the service. */
export function errorReply(appCode: KnownAppCode, message: string): Reply {
  const { httpStatus, ...known } = APP_CODES[appCode]
  const data = { ...known, httpStatus, appCode, requestId: 'request' }
  return {
    status: httpStatus,
    type: 'application/json',
    body: JSON.stringify({ error: { message, code: -32_603, data } }),
  }
}

export const UNAVAILABLE: Reply = errorReply('UNAVAILABLE', 'The service is not available; send the call again.')
