import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { DEFAULT_SERVE, type ServeConfig } from '../../../src/config/serve.ts'
import { TerminalError } from '../../../src/errors.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { openApp, post } from '../bench.ts'

/** An app for one key, asked as if over the network; `now` is set by hand. */
function openGuarded(serve: Partial<ServeConfig> = {}) {
  const { runtime } = openApp()
  const clock = { now: 0 }
  const app = createApp(
    { ...runtime, serving: { ...runtime.serving, ownerOfRun: async () => 'ada' } },
    {
      serve: { ...DEFAULT_SERVE, ...serve },
      now: () => clock.now,
      identify({ headers }) {
        if (headers.get('authorization') === null)
          throw new TerminalError('No key was sent.', { code: 'unauthenticated' })
        return { owner: 'ada', key: headers.get('authorization')!, scopes: ['admin'], local: false }
      },
    },
  )
  const ask = (path: string, init: RequestInit = { headers: { authorization: 'one' } }, address = '192.0.2.1') => {
    const outgoing = Object.assign(new EventEmitter(), { destroyed: false })
    const env = { incoming: { socket: { remoteAddress: address } }, outgoing }
    return Promise.resolve(app.request(path, init, env)).then((response) => ({
      response,
      close: () => outgoing.emit('close'),
    }))
  }
  return { ask, clock }
}

it('limits the rate of a key, and says so in every answer', async () => {
  const { ask, clock } = openGuarded({ requests: { perSecond: 1, burst: 2 } })
  const { response: first } = await ask('/v1/runs')
  expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=2;w=2')
  expect(first.headers.get('ratelimit')).toBe('"requests";r=1;t=1')
  await ask('/v1/runs/nothing')
  const { response: refused } = await ask('/v1/runs')
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ code: 'too_many_requests', name: 'BusyError', delay: 1000 })
  expect((await ask('/v1/runs', { headers: { authorization: 'two' } })).response.status).toBe(200)
  clock.now = 1000
  expect((await ask('/v1/runs')).response.status).toBe(200)
})

it('limits what of a key is open at once: streams apart from all else', async () => {
  const { ask } = openGuarded({ concurrent: 1, streams: 1 })
  const { response, close } = await ask('/v1/runs')
  expect(response.status).toBe(200)
  expect((await ask('/v1/runs')).response.status).toBe(429)
  const stream = await ask('/v1/runs/run_1/events')
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream')
  const refused = await ask('/v1/runs/run_1/events')
  expect(refused.response.status).toBe(429)
  expect(refused.response.headers.get('retry-after')).toBe('1')
  close()
  expect((await ask('/v1/runs')).response.status).toBe(200)
})

it('limits attempts of unauthenticated callers for each address', async () => {
  const { ask, clock } = openGuarded()
  for (let n = 0; n < 100; n++) expect((await ask('/v1/runs', {})).response.status).toBe(401)
  expect((await ask('/v1/runs', {})).response.status).toBe(429)
  expect((await ask('/v1/openapi.json', {})).response.status).toBe(429)
  expect((await ask('/v1/openapi.json', {}, '192.0.2.2')).response.status).toBe(200)
  expect((await ask('/v1/runs')).response.status).toBe(200)
  clock.now = 200
  expect((await ask('/v1/openapi.json', {})).response.status).toBe(200)
})

it.each(['/v1/health', '/v1/ready', '/health', '/api/postchain/health'])(
  'answers %s however many strangers ask from the same address',
  async (path) => {
    const { ask } = openGuarded()
    for (let n = 0; n < 100; n++) await ask('/v1/runs', {})
    expect((await ask('/v1/runs', {})).response.status).toBe(429)
    expect((await ask(path, {})).response.status).toBe(200)
  },
)

it('takes bodies up to a size', async () => {
  const { ask } = openGuarded({ maxBody: 2000 })
  const { headers, ...rest } = post(JSON.stringify({ file: '/x', inputs: { text: 'x'.repeat(2000) } }))
  const { response } = await ask('/v1/runs', { ...rest, headers: { ...headers, authorization: 'one' } })
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ code: 'too_large' })
})

it('allows requests from pages of named origins only', async () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
  }
  const { ask } = openGuarded({ origins: ['https://app.example'] })
  const { response } = await ask('/v1/runs', preflight)
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example')
  expect(response.headers.get('access-control-allow-headers')).toContain('authorization')
  const other = await ask('/v1/runs', {
    ...preflight,
    headers: { ...preflight.headers, origin: 'https://other.example' },
  })
  expect(other.response.headers.get('access-control-allow-origin')).toBeNull()
  const { response: none } = await openGuarded().ask('/v1/runs', preflight)
  expect(none.headers.get('access-control-allow-origin')).toBeNull()
})
