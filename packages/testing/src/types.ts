export interface TaskwireOptions {
  /**
   * A PostgreSQL 15 to 18 to use, by the address of a login that may create databases and roles; the service gets a database
   * of its own there, which is dropped in the end. Default: the environment variable TASKWIRE_TEST_DATABASE_URL, or
   * without one a new PostgreSQL of @taskwire/embedded-db.
   */
  databaseUrl?: string | undefined
  /** The time zone of new users, such as `Europe/Berlin`. Default UTC. */
  timeZone?: string | undefined
  /**
   * Settings of the service by their names as environment variables, such as `{ AUTH_ISSUER, AUTH_AUDIENCE }`. It takes no
   * others from this process.
   */
  settings?: Record<string, string> | undefined
  /**
   * Path of the Node that runs the service: 22 or later. Default: the environment variable TASKWIRE_NODE, or without one
   * the Node that runs this process, or if that is too old, one from npm.
   */
  node?: string | undefined
}

/** How to reach a running service. It can be passed to other processes as JSON. */
export interface TaskwireAddress {
  /** For clients, such as `http://127.0.0.1:34567`. */
  url: string
  /** For `connectTaskwire`. */
  control: string
}

/** A user with a session: `createClient(user)`. */
export interface TestUser {
  url: string
  /** The token of the session, valid for seven days. */
  token: string
  id: string
  email: string
  name: string
  timeZone: string
  externalId: string | null
}

export interface TestUserOptions {
  /** Default: an address that no other user has. */
  email?: string | undefined
  name?: string | undefined
  /** Default: that of the options of `startTaskwire`. */
  timeZone?: string | undefined
  /** The user's id in your own system, for a service with users of your own. */
  externalId?: string | undefined
}

export type ServiceScope = 'tasks:read' | 'tasks:write' | 'users'

export interface Taskwire {
  url: string
  address: TaskwireAddress
  /** Creates a user. They are cheap: a few milliseconds, and no limit on their number. */
  user(options?: TestUserOptions): Promise<TestUser>
  /** Creates a service key, and returns its secret. */
  serviceKey(scopes: readonly ServiceScope[]): Promise<string>
}

export interface StartedTaskwire extends Taskwire, AsyncDisposable {
  /** Stops the service and its PostgreSQL, and removes their files. Happens by itself when this process ends. */
  stop(): Promise<void>
}
