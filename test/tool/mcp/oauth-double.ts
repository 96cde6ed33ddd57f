import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { onTestFinished } from 'vitest'
import { fixture } from './fixture.ts'

type Seen = { readonly host: string; readonly path: string; readonly authorization: string | undefined; body: string }

/** What the authorization server does instead of what it should. */
type Faults = {
  /** the answer of a person who does not consent */
  denies?: boolean
  /** the `state` in the redirect */
  state?: string
  /** the client that was registered by hand; with it, there is no registration */
  client?: { readonly id: string; readonly secret: string }
  /** how many refreshes fail before one succeeds */
  outages?: number
}

/** An MCP server that wants a token, and the authorization server that gives it: at one origin, or at two. */
export async function openOAuth({ apart = false, ...faults }: Faults & { readonly apart?: boolean } = {}) {
  const seen: Seen[] = []
  const given: string[] = []
  const counts = { registered: 0, exchanged: 0, refreshed: 0, calls: 0 }
  const clients = new Map<string, readonly string[]>()
  const codes = new Map<string, { readonly challenge: string; readonly redirect: string; readonly client: string }>()
  let access = new Set<string>()
  let { outages = 0 } = faults
  const refresh = new Set<string>()
  const handler = createMcpHandler(() => fixture({}))
  const origins = { server: '', issuer: '' }
  const server = listen(serve)
  const issuer = apart ? listen(authorize) : server
  origins.server = await server
  origins.issuer = await issuer

  function listen(answer: RequestListener): Promise<string> {
    const double = createServer(answer).listen(0, '127.0.0.1')
    onTestFinished(() => {
      double.closeAllConnections()
      double.close()
    })
    return once(double, 'listening').then(() => `http://127.0.0.1:${(double.address() as AddressInfo).port}`)
  }

  async function read(request: IncomingMessage): Promise<Seen & { readonly url: URL }> {
    const url = new URL(request.url!, `http://${request.headers.host}`)
    const { authorization } = request.headers
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const one = { host: url.origin, path: url.pathname, authorization, body: Buffer.concat(chunks).toString('utf8') }
    seen.push(one)
    return { ...one, url }
  }

  const json = (response: ServerResponse, value: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pathname = request.url!.split('?')[0]
    if (pathname === '/.well-known/oauth-protected-resource/mcp') {
      await read(request)
      json(response, {
        resource: `${origins.server}/mcp`,
        authorization_servers: [origins.issuer],
        scopes_supported: ['notes'],
      })
    } else if (pathname !== '/mcp') await authorize(request, response)
    else await serveMcp(request, response)
  }

  async function serveMcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = '', body } = await read(request)
    if (!access.has(authorization.replace(/^Bearer /, ''))) {
      const metadata = `${origins.server}/.well-known/oauth-protected-resource/mcp`
      response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` }).end()
      return
    }
    counts.calls += 1
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const asked = new Request(`${origins.server}/mcp`, { method: request.method!, headers, ...(body && { body }) })
    const answer = await handler.fetch(asked)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  }

  async function authorize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url, body, authorization } = await read(request)
    if (url.pathname === '/.well-known/oauth-authorization-server') return void json(response, metadata())
    if (url.pathname === '/register' && !faults.client) {
      const { redirect_uris } = JSON.parse(body)
      const id = randomUUID()
      clients.set(id, redirect_uris)
      counts.registered += 1
      return void json(response, { client_id: id, redirect_uris }, 201)
    }
    if (url.pathname === '/authorize') return consent(url.searchParams, response)
    if (url.pathname === '/token') return token(new URLSearchParams(body), authorization, response)
    response.writeHead(404).end()
  }

  const metadata = () => ({
    issuer: origins.issuer,
    authorization_endpoint: `${origins.issuer}/authorize`,
    token_endpoint: `${origins.issuer}/token`,
    ...(!faults.client && { registration_endpoint: `${origins.issuer}/register` }),
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
  })

  function consent(asked: URLSearchParams, response: ServerResponse): void {
    const [client, redirect] = [asked.get('client_id')!, asked.get('redirect_uri')!]
    const isKnown = faults.client ? client === faults.client.id : clients.get(client)?.includes(redirect)
    if (!isKnown || asked.get('code_challenge_method') !== 'S256') return void response.writeHead(400).end()
    const back = new URL(redirect)
    back.searchParams.set('state', faults.state ?? asked.get('state')!)
    back.searchParams.set('iss', origins.issuer)
    if (faults.denies) {
      back.searchParams.set('error', 'access_denied')
      back.searchParams.set('error_description', 'Ada said no')
    } else {
      const code = secret('code')
      codes.set(code, { challenge: asked.get('code_challenge')!, redirect, client })
      back.searchParams.set('code', code)
    }
    response.writeHead(302, { location: back.href }).end()
  }

  function token(asked: URLSearchParams, authorization: string | undefined, response: ServerResponse): void {
    const { id, secret: password } = faults.client ?? {}
    if (id !== undefined && authorization !== `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`)
      return void json(response, { error: 'invalid_client' }, 401)
    const isFirst = asked.get('grant_type') === 'authorization_code'
    if (!isFirst && outages > 0) {
      outages -= 1
      return void response.writeHead(503).end(`busy with ${asked}`)
    }
    if (isFirst ? !redeems(asked) : !refresh.delete(asked.get('refresh_token')!))
      return void json(response, { error: 'invalid_grant', error_description: `no: ${asked}` }, 400)
    counts[isFirst ? 'exchanged' : 'refreshed'] += 1
    const [one, next] = [secret('access'), secret('refresh')]
    access.add(one)
    refresh.add(next)
    json(response, { access_token: one, token_type: 'Bearer', expires_in: 3600, refresh_token: next, scope: 'notes' })
  }

  function redeems(asked: URLSearchParams): boolean {
    const found = codes.get(asked.get('code')!)
    codes.delete(asked.get('code')!)
    const challenge = createHash('sha256').update(asked.get('code_verifier')!).digest('base64url')
    return found?.challenge === challenge && found.redirect === asked.get('redirect_uri')
  }

  function secret(kind: string): string {
    const made = `${kind}-${randomUUID()}`
    given.push(made)
    return made
  }

  return {
    url: `${origins.server}/mcp`,
    issuer: origins.issuer,
    /** all requests */
    seen,
    /** every code and token */
    given,
    counts,
    /** No access token is good any longer. */
    expire: () => void (access = new Set()),
    /** Nor is any refresh token. */
    revoke: () => {
      access = new Set()
      refresh.clear()
    },
  }
}
