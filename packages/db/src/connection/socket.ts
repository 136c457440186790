import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Address } from './address.ts'

// Above this the driver takes the connection for full, and holds back what is sent next.
const WRITE_BUFFER = 256 * 1024 * 1024
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Opens a socket to the server, with TLS where the address asks for it. Left to postgres.js, TLS
 * cannot be ended at once: destroying the socket below it brings an error that ends the process.
 * `hold` is given each socket as it is made, so that it can be destroyed meanwhile: then this never settles.
 */
export async function openSocket({ host, port, tls }: Address, hold: (socket: Socket) => void): Promise<Socket> {
  // Both take more of a stream's options than their types say.
  const options = { host, port, noDelay: true, writableHighWaterMark: WRITE_BUFFER }
  const plain = connectTcp(options)
  hold(plain)
  await once(plain, 'connect')
  if (tls === 'off') return plain

  plain.write(SSL_REQUEST)
  await once(plain, 'readable')
  const answer: unknown = plain.read()
  // More than the one byte would be somebody's in between, to be taken for what came encrypted.
  if (!(answer instanceof Uint8Array) || String(answer) !== 'S') {
    plain.destroy()
    throw new Error(`${host}:${port} does not offer TLS; sslmode=disable goes without`)
  }
  const secureOptions = {
    socket: plain,
    // The certificate has to be for this name; an IP is no server name in TLS.
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
