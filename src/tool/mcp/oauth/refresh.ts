import type { AuthProvider, FetchLike } from '@modelcontextprotocol/client'
import { is, RetryableError } from '../../../errors.ts'
import type { HttpServer } from '../settings.ts'
import { resolvedTexts, type Variables } from '../variables.ts'
import { saidBy } from './failure.ts'
import { type GrantSecrets, grantName, loginRequired, readGrant } from './grant.ts'

type Sdk = Pick<typeof import('@modelcontextprotocol/client'), 'refreshAuthorization'>

/** Errors of an authorization server that another attempt may not meet. */
const WILL_PASS = ['server_error', 'temporarily_unavailable', 'too_many_requests']

/** The parts by which tokens are read and refreshed. `fetch`: the way to the authorization server. */
type TokenParts = {
  readonly variables: Variables
  readonly grants: GrantSecrets | undefined
  readonly fetch: FetchLike
  /** the Authorization header that a refused request had */
  readonly sentWith: (response: Response) => string | undefined
}

/** The tokens for requests to a server. A refused token is refreshed once, for all requests and processes. */
export function tokensFor(name: string, server: HttpServer, url: URL, parts: TokenParts, sdk: Sdk): AuthProvider {
  const { grants, sentWith } = parts
  let refreshing: Promise<void> | undefined

  async function refresh(refused: string | undefined): Promise<void> {
    const grant = grants && (await readGrant(grants, name, url.href))
    if (!grant) throw loginRequired(name, 'there are no tokens for it')
    const { issuer, metadata, resource, tokens } = grant
    // another request or process was faster
    if (refused !== `Bearer ${tokens.access_token}`) return
    const { refresh_token: refreshToken } = tokens
    if (refreshToken === undefined) throw loginRequired(name, 'it refuses the token, and there is no refresh token')
    const client = (await ownClient(server, parts.variables)) ?? grant.client
    const next = await sdk
      .refreshAuthorization(issuer, {
        ...(metadata && { metadata: metadata as never }),
        ...(resource !== undefined && { resource: resource as never }),
        clientInformation: client,
        refreshToken,
        fetchFn: parts.fetch,
      })
      .catch((error: unknown) => {
        if (is(error)) throw error
        const said = saidBy(error, [refreshToken, tokens.access_token, client.client_secret])
        if (WILL_PASS.includes(String((error as { readonly code?: unknown }).code)))
          throw new RetryableError(`The authorization server of ${name} fails: ${said}`, { code: 'http_status' })
        throw loginRequired(name, `its authorization server gives no new token (${said})`)
      })
    await grants.keep(grantName(name), JSON.stringify({ ...grant, tokens: next }))
  }

  return {
    // a locked file shows only once the server wants a token
    token: async () => grants && (await readGrant(grants, name, url.href).catch(() => undefined))?.tokens.access_token,
    async onUnauthorized({ response }) {
      const work = () => refresh(sentWith(response))
      const found = grants && (await readGrant(grants, name, url.href))
      refreshing ??= (found ? grants.alone(work) : work()).finally(() => {
        refreshing = undefined
      })
      await refreshing
    },
  }
}

/** The client that the configuration names; undefined: antiphon registers one. */
export async function ownClient(server: HttpServer, variables: Variables) {
  const { clientId, clientSecret } = server.oauth ?? {}
  if (clientId === undefined) return undefined
  if (clientSecret === undefined) return { client_id: clientId }
  const { secret = '' } = await resolvedTexts({ secret: clientSecret }, server, variables)
  return { client_id: clientId, client_secret: secret }
}

/** Whether the configuration gives a key for the server by itself. */
export const hasKey = ({ headers }: HttpServer) =>
  Object.keys(headers).some((header) => header.toLowerCase() === 'authorization')
