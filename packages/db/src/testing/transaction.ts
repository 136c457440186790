import type { Sent } from '../connection/pooled-connection.ts'

/** What leaves a transaction open on a connection, as nothing of the service's does. */
export const BEGIN: Sent = { text: 'begin', parameters: [], bare: true }
