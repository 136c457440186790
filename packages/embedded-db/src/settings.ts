import { failure } from './failure.ts'

type Settings = Readonly<Record<string, string>>

const FOR_DEVELOPMENT: Settings = {
  shared_buffers: '128MB',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
}

/** The log has no statements and no parameters: those are of users, and of logins their passwords. */
const DISCREET: Settings = {
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
}

/** Loses data when the machine stops; only for databases that a test throws away. */
const NOT_DURABLE: Settings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
}

/** What finding the server, reading its log and keeping it local depend on. */
const FIXED: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '%m [%p] ',
}

const NOT_FOR_CALLERS = new Set([...Object.keys(FIXED), 'port', 'data_directory'])

/** The server's arguments, without its port. */
export function serverArguments(durable: boolean, extra: Settings = {}): string[] {
  for (const name of Object.keys(extra)) {
    if (!NOT_FOR_CALLERS.has(name.toLowerCase())) continue
    throw failure({
      what: `PostgreSQL setting ${name}`,
      why: 'the embedded database sets it itself',
      remedy: 'Leave it out of settings',
    })
  }
  const settings = { ...FOR_DEVELOPMENT, ...DISCREET, ...(durable ? {} : NOT_DURABLE), ...extra, ...FIXED }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
