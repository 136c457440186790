import { generateKeyPairSync, sign } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { once } from 'node:events'

export interface TlsFront extends AsyncDisposable {
  port: number
  /** Its certificate in PEM. */
  certificate: string
}

/** Starts a TLS front for a PostgreSQL without TLS; the front's self-signed certificate is for `name`. */
export async function startTlsFront(target: { host: string; port: number }, name: string): Promise<TlsFront> {
  const { key, certificate } = selfSigned(name)
  const open = new Set<Socket>()
  const listener = createServer((client) => {
    open.add(client.on('error', () => {}))
    client.once('data', () => {
      client.write('S')
      const secure = new TLSSocket(client, { isServer: true, key, cert: certificate })
      const server = connect(target)
      for (const [from, to] of [
        [secure, server],
        [server, secure],
      ] as const) {
        from.pipe(to)
        from.on('error', () => to.destroy()).on('close', () => to.destroy())
      }
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port')
  return {
    port: address.port,
    certificate,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

// Node cannot create certificates, so this encodes one in ASN.1.
const der = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const ECDSA_WITH_SHA256 = sequence(der(6, hex('2a8648ce3d040302')))

function selfSigned(name: string): { key: string; certificate: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = sequence(der(0x31, sequence(der(6, hex('550403')), der(12, name))))
  const alternativeNames = sequence(der(6, hex('551d11')), der(4, sequence(der(0x82, name))))
  const content = sequence(
    der(0xa0, der(2, hex('02'))),
    der(2, hex('01')),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(der(23, '200101000000Z'), der(23, '491231235959Z')),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeNames)),
  )
  const signature = der(3, hex('00'), sign('sha256', content, privateKey))
  const certificate = sequence(content, ECDSA_WITH_SHA256, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}
