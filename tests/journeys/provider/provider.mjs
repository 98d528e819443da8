// An OpenID provider for tests: the certified library, its own pages for signing in, and people that a test names.
// Told in the environment: PORT, and SETUP (JSON) with the client and the people by their login.
import Provider from 'oidc-provider'

const { client, people } = JSON.parse(process.env.SETUP)
const issuer = `http://127.0.0.1:${process.env.PORT}`

const provider = new Provider(issuer, {
  clients: [client],
  claims: { openid: ['sub', 'sid'], email: ['email', 'email_verified'], profile: ['name'] },
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  // It asks no address of this machine or a company's network by itself; here that is where we are.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  cookies: { keys: ['only for tests'] },
  findAccount: (_, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
})

// oidc-provider says so only to who listens.
provider.on('backchannel.error', (_, error) => console.error('backchannel.error', error))
provider.on('server_error', (_, error) => console.error('server_error', error))

const server = provider.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
process.on('SIGTERM', () => server.closeAllConnections())
