import { failure } from './failure.ts'

type Settings = Readonly<Record<string, string>>

const FOR_DEVELOPMENT: Settings = {
  shared_buffers: '128MB',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
}

/** Keeps statements and parameters, which may contain user data and passwords, out of the log. */
const LOG_PRIVACY: Settings = {
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
}

/** Only for temporary test databases: data may be lost when the machine stops. */
const NOT_DURABLE: Settings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
}

/** Required to find the server, to read its log and to keep it local. */
const FIXED: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '%m [%p] ',
}

const RESERVED = new Set([...Object.keys(FIXED), 'port', 'data_directory'])

/** Returns the command line arguments of the server, without its port. */
export function serverArguments(durable: boolean, extra: Settings = {}): string[] {
  for (const name of Object.keys(extra)) {
    if (!RESERVED.has(name.toLowerCase())) continue
    throw failure({
      what: `PostgreSQL setting ${name}`,
      why: 'the embedded database sets it itself',
      remedy: 'Leave it out of settings',
    })
  }
  const settings = { ...FOR_DEVELOPMENT, ...LOG_PRIVACY, ...(durable ? {} : NOT_DURABLE), ...extra, ...FIXED }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
