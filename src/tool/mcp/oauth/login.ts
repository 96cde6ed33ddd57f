import { randomBytes } from 'node:crypto'
import type { FetchLike } from '@modelcontextprotocol/client'
import { InvalidError } from '../../../errors.ts'
import { loadSdk } from '../connect.ts'
import type { LoginOptions } from '../port.ts'
import type { HttpServer } from '../settings.ts'
import { AUTHORIZE_MS, type HttpParts, webFetch } from '../transport/http.ts'
import { expanded } from '../variables.ts'
import { openCallback } from './callback.ts'
import { loginFailure, loginRefused } from './failure.ts'
import { type Grant, type GrantSecrets, grantName } from './grant.ts'
import { hasKey, ownClient } from './refresh.ts'

/** Signs in to a server with the OAuth of the SDK, and keeps the tokens as a secret. */
export async function loginTo(
  name: string,
  server: HttpServer,
  { variables, web, grants }: HttpParts & { readonly grants: GrantSecrets },
  { show, signal }: LoginOptions,
): Promise<void> {
  if (hasKey(server))
    throw new InvalidError(`${name} has the header Authorization, which would replace the tokens of a login.`, {
      hint: 'Remove the header from the configuration, or do without a login.',
    })
  const sdk = await loadSdk()
  const url = new URL(expanded(server.url, server, variables.environment))
  await grants.unlock()
  const fetchFn: FetchLike = webFetch(name, url.origin, await web(), { timeout: AUTHORIZE_MS, signal })
  const state = randomBytes(32).toString('base64url')
  const callback = await openCallback(name, state)
  const hidden: (string | undefined)[] = []
  try {
    const challenge = await challengeOf(url, fetchFn, sdk)
    const { resourceMetadataUrl } = challenge
    const found = await sdk.discoverOAuthServerInfo(url, {
      fetchFn,
      ...(resourceMetadataUrl && { resourceMetadataUrl }),
    })
    const { authorizationServerUrl, authorizationServerMetadata: metadata, resourceMetadata } = found
    await sdk.selectResourceURL(url, {} as never, resourceMetadata)
    const resource = resourceMetadata?.resource
    const scope = scopeOf(server, challenge.scope ?? resourceMetadata?.scopes_supported?.join(' '), metadata)
    const shared = { ...(metadata && { metadata }), ...(resource !== undefined && { resource: resource as never }) }
    const own = await ownClient(server, variables)
    const client =
      own ??
      (await sdk.registerClient(authorizationServerUrl, {
        ...shared,
        clientMetadata: clientMetadata(callback.url),
        ...(scope !== undefined && { scope }),
        fetchFn,
      }))
    hidden.push(client.client_secret)
    const { authorizationUrl, codeVerifier } = await sdk.startAuthorization(authorizationServerUrl, {
      ...shared,
      clientInformation: client,
      redirectUrl: callback.url,
      state,
      ...(scope !== undefined && { scope }),
    })
    if (!/^https?:$/.test(authorizationUrl.protocol))
      throw loginRefused(
        name,
        `expected an address of http or https, found ${authorizationUrl.protocol}`,
        'check `url`',
      )
    show(authorizationUrl)
    const { code, iss } = await callback.answer(signal)
    hidden.push(code, codeVerifier)
    const tokens = await sdk.exchangeAuthorization(authorizationServerUrl, {
      ...shared,
      clientInformation: client,
      authorizationCode: code,
      ...(iss !== undefined && { iss }),
      codeVerifier,
      redirectUri: callback.url,
      fetchFn,
    })
    const { client_id, client_secret } = client
    const grant: Grant = {
      url: url.href,
      ...(resource !== undefined && { resource }),
      issuer: String(authorizationServerUrl),
      ...(metadata && { metadata: neededOf(metadata) }),
      // a configured secret stays where it is
      client: { client_id, ...(!own && client_secret !== undefined && { client_secret }) },
      tokens: tokens as Grant['tokens'],
    }
    await grants.keep(grantName(name), JSON.stringify(grant))
  } catch (error) {
    throw loginFailure(name, error, hidden)
  } finally {
    callback.close()
  }
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>
type Metadata = NonNullable<Awaited<ReturnType<Sdk['discoverAuthorizationServerMetadata']>>>

/** The description of its login that a server gives to a request without a token. */
async function challengeOf(url: URL, fetchFn: FetchLike, { extractWWWAuthenticateParams }: Sdk) {
  const response = await fetchFn(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  })
  return response.status === 401 ? extractWWWAuthenticateParams(response) : {}
}

/** The configured scopes, else those that the server asks for, with the one that gives refresh tokens. */
function scopeOf({ oauth }: HttpServer, asked: string | undefined, metadata: Metadata | undefined): string | undefined {
  if (oauth?.scopes) return oauth.scopes.join(' ')
  const isOffered = metadata?.scopes_supported?.includes('offline_access') ?? false
  return asked !== undefined && isOffered && !asked.split(' ').includes('offline_access')
    ? `${asked} offline_access`
    : asked
}

/** The client that antiphon registers: a program on a person's own machine, which can keep no secret. */
const clientMetadata = (redirect: string) => ({
  client_name: 'antiphon',
  redirect_uris: [redirect],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
})

/** The metadata that a refresh reads. */
function neededOf(metadata: Metadata): NonNullable<Grant['metadata']> {
  const { token_endpoint, token_endpoint_auth_methods_supported: methods } = metadata
  return { token_endpoint: token_endpoint!, ...(methods && { token_endpoint_auth_methods_supported: methods }) }
}
