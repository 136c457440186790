export interface TaskwireOptions {
  /**
   * The URL of a PostgreSQL 15 to 18, with a login that may create databases and roles. The service creates its own
   * database there, and drops it at the end. Default: the environment variable TASKWIRE_TEST_DATABASE_URL, or else a
   * new PostgreSQL of @taskwire/embedded-db.
   */
  databaseUrl?: string | undefined
  /** The time zone of new users, such as `Europe/Berlin`. Default UTC. */
  timeZone?: string | undefined
  /**
   * Settings of the service by their names as environment variables, such as `{ AUTH_ISSUER, AUTH_AUDIENCE }`. The
   * service reads no settings from this process.
   */
  settings?: Record<string, string> | undefined
  /**
   * The path of a Node, 22 or later, that runs the service. Default: the environment variable TASKWIRE_NODE, or else
   * the Node that runs this process, or, if that is too old, a Node from npm.
   */
  node?: string | undefined
}

/** How to reach a running service. It can be passed to other processes as JSON. */
export interface TaskwireAddress {
  /** The URL for clients, such as `http://127.0.0.1:34567`. */
  url: string
  /** The URL that `connectTaskwire` uses. */
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
  /** Default: an e-mail address that no other user has. */
  email?: string | undefined
  name?: string | undefined
  /** Default: the `timeZone` of `startTaskwire`. */
  timeZone?: string | undefined
  /** The user's id in your own system. */
  externalId?: string | undefined
}

export type ServiceScope = 'tasks:read' | 'tasks:write' | 'users'

export interface Taskwire {
  url: string
  address: TaskwireAddress
  /** Creates a user. This takes a few milliseconds, and the number of users is not limited. */
  user(options?: TestUserOptions): Promise<TestUser>
  /** Creates a service key, and returns its secret. */
  serviceKey(scopes: readonly ServiceScope[]): Promise<string>
}

export interface StartedTaskwire extends Taskwire, AsyncDisposable {
  /** Stops the service and its PostgreSQL, and removes their files. They also stop when this process ends. */
  stop(): Promise<void>
}
