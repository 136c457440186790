import { type Client, createClient } from '@taskwire/client'

/** Calls the service that serves this page. */
export const client: Client = createClient({ url: location.origin })
