import type { Sent } from '../connection/pooled-connection.ts'

/** Leaves a transaction open on a connection, which the service never does. */
export const BEGIN: Sent = { text: 'begin', parameters: [], bare: true }
