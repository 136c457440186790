import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Address } from './address.ts'

// Above this mark the driver would stop writing until the socket drains.
const WRITE_BUFFER = 256 * 1024 * 1024
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Opens a socket to the server, with TLS if the address requires it. The TLS of postgres.js is not used, since it
 * cannot be ended at once: destroying the socket below it raises an error that ends the process. `hold` is called with
 * each socket when it is created, so that the caller can destroy it during the opening: then the promise never settles.
 */
export async function openSocket({ host, port, tls }: Address, hold: (socket: Socket) => void): Promise<Socket> {
  // Both functions accept stream options that their types lack.
  const options = { host, port, noDelay: true, writableHighWaterMark: WRITE_BUFFER }
  const plain = connectTcp(options)
  hold(plain)
  await once(plain, 'connect')
  if (tls === 'off') return plain

  plain.write(SSL_REQUEST)
  await once(plain, 'readable')
  const answer: unknown = plain.read()
  // More than one byte would come from an attacker in between, to be read as if it had been encrypted.
  if (!(answer instanceof Uint8Array) || String(answer) !== 'S') {
    plain.destroy()
    throw new Error(`${host}:${port} does not offer TLS; add sslmode=disable to connect without it`)
  }
  const secureOptions = {
    socket: plain,
    // The certificate must be for this name; TLS allows no IP as server name.
    host,
    servername: isIP(host) === 0 ? host : '',
    rejectUnauthorized: tls === 'verify',
    highWaterMark: WRITE_BUFFER,
  }
  const secure = connectTls(secureOptions)
  hold(secure)
  await once(secure, 'secureConnect')
  return secure
}
