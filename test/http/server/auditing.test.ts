import { expect, it } from 'vitest'
import type { Audit } from '../../../src/access/room/port.ts'
import { DEFAULT_SERVE } from '../../../src/config/serve.ts'
import { type Caller, LOCAL } from '../../../src/http/authorize/caller.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { openApp, post } from '../bench.ts'

type Line = Parameters<Audit['record']>[0]

const KEY: Caller = { owner: 'team', key: 'k1', scopes: ['run', 'read'], local: false }

/** An app that is asked by this caller from 10.0.0.1, behind a proxy or not, and what it has written down. */
function openAudited(caller: Caller = KEY, trustedProxies: readonly string[] = []) {
  const { runtime } = openApp()
  const lines: Line[] = []
  const audit = { ...runtime.access.audit, record: async (line: Line) => void lines.push(line) }
  const app = createApp(
    { ...runtime, access: { ...runtime.access, audit } },
    { identify: () => caller, serve: { ...DEFAULT_SERVE, trustedProxies } },
  )
  const env = { incoming: { socket: { remoteAddress: '10.0.0.1' } } }
  const ask = (path: string, init?: RequestInit) => Promise.resolve(app.request(path, init, env))
  return { ask, lines }
}

it('writes down what was asked for, by whom and from where, and what came of it', async () => {
  const { ask, lines } = openAudited()
  expect((await ask('/v1/runs/none/cancel', post('{}'))).status).toBe(404)
  expect((await ask('/v1/gc', post('{}'))).status).toBe(403)
  const asked = { owner: 'team', key: 'k1', method: 'POST', address: '10.0.0.1' }
  expect(lines).toEqual([
    { ...asked, route: '/v1/runs/{run}/cancel', target: '/v1/runs/none/cancel', status: 404 },
    { ...asked, route: '/v1/gc', target: '/v1/gc', status: 403 },
  ])
})

it.each<[string, string, RequestInit | undefined]>([
  ['what is only read', '/v1/runs', undefined],
  ['what is asked for by POST and changes nothing', '/v1/pipelines/validate', post('{"file":"/x"}')],
  [
    'what is asked for as upstream does and changes nothing',
    '/api/postchain/recover',
    post('{"thread_id":"7f4df1a0-3c62-4f5e-9d1b-2a5f0c7e8b11"}'),
  ],
  ['what there is not', '/v1/nothing', post('{}')],
])('does not write down %s', async (_, path, init) => {
  const { ask, lines } = openAudited()
  await ask(path, init)
  expect(lines).toEqual([])
})

it('does not write down what the user of the data folder asks', async () => {
  const { ask, lines } = openAudited(LOCAL)
  expect((await ask('/v1/gc', post('{}'))).status).toBe(200)
  expect(lines).toEqual([])
})

it.each([
  [[], '10.0.0.1'],
  [['10.0.0.0/8'], '192.0.2.7'],
  [['10.0.0.2'], '10.0.0.1'],
])('believes of where from only proxies it trusts: %j', async (trusted, address) => {
  const { ask, lines } = openAudited(KEY, trusted)
  const { headers, ...rest } = post('{}')
  await ask('/v1/gc', { ...rest, headers: { ...headers, 'x-forwarded-for': '192.0.2.7' } })
  expect(lines).toMatchObject([{ address }])
})

it('answers also when it cannot be written down', async () => {
  const { runtime } = openApp()
  const audit = { ...runtime.access.audit, record: () => Promise.reject(new Error('the disk is full')) }
  const app = createApp({ ...runtime, access: { ...runtime.access, audit } }, { identify: () => KEY })
  expect((await app.request('/v1/gc', post('{}'))).status).toBe(403)
})
