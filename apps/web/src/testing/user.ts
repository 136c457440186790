import type { Client } from '@taskwire/client'

/** A user of the tests. */
export interface User {
  email: string
  password: string
  /** Another device of the user, whose network is never cut. */
  phone: Client
}
