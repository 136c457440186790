import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { Pool } from 'pg'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { makeJSONPgSmartTagsPlugin } from 'postgraphile/utils'

/**
 * Set up as in https://postgraphile.org/postgraphile/5/usage-library/ on Node's server. pgSettings pass the
 * caller to the policies (https://postgraphile.org/postgraphile/5/jwt-guide/ and …/config, grafast.context).
 * Sessions are looked up on the same pool, as the page on security recommends for custom sign-in.
 */
const { DATABASE_URL = '', PORT = '0', POOL_MAX = '20' } = process.env
// By default, pg closes connections that were idle for 10 seconds, as they are while another subject is measured.
const pool = new Pool({ connectionString: DATABASE_URL, max: Number(POOL_MAX), idleTimeoutMillis: 0 })

async function userOf(request: IncomingMessage | undefined): Promise<string | undefined> {
  const token = request?.headers.authorization?.replace(/^Bearer /, '')
  if (token === undefined) return undefined
  const tokenHash = createHash('sha256').update(token).digest()
  // A name makes it a prepared statement, as PostGraphile's own are.
  const { rows } = await pool.query<{ user_id: string }>({
    name: 'session',
    text: 'select user_id from auth.sessions where token_hash = $1 and expires_at > now()',
    values: [tokenHash],
  })
  return rows[0]?.user_id
}

// Composite types of Taskwire's functions. Their names conflict with those of tables or of GraphQL's mutations.
const renamed = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    class: {
      'tw.mutation': { tags: { name: 'mutation_under_way' } },
      'tw.change': { tags: { name: 'change_to_log' } },
    },
  },
})

const pgl = postgraphile({
  plugins: [renamed],
  extends: [PostGraphileAmberPreset],
  // The plugin would hide orders and conditions on columns that are not first in an index. Most indexes begin with
  // space_id.
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({ pool, schemas: ['tw', 'bench_graphql'] })],
  grafserv: { port: Number(PORT), host: '127.0.0.1', watch: false, graphiql: false },
  grafast: {
    explain: false,
    async context({ node }) {
      const user = await userOf(node?.req)
      return { pgSettings: user === undefined ? {} : { 'app.space': user } }
    },
  },
})

const server = createServer()
server.on('error', (error) => {
  throw error
})
const serv = pgl.createServ(grafserv)
await serv.addTo(server)
server.listen(Number(PORT), '127.0.0.1')
