import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/http/authorize/caller.ts'
import { POSTCHAIN_ROUTES } from '../../../src/http/compat/routes.ts'
import { createApp, pathOf } from '../../../src/http/server/app.ts'
import { openApp } from '../bench.ts'
import { openServed } from './served.ts'

it.each([
  ['/health', { status: 'healthy' }],
  ['/api/postchain/health', { status: 'healthy', message: 'PostChain API is running' }],
])('%s is answered to everybody', async (path, answer) => {
  const { get } = await openServed()
  const response = await get(path, { key: null })
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual(answer)
})

describe('routes that upstream has and antiphon does not', () => {
  const absent = POSTCHAIN_ROUTES.filter(({ errors = [] }) => errors.includes('not_offered'))

  it.each(absent.map((route) => [route.method.toUpperCase(), pathOf(route).replace(/:\w+/, 'x'), route.summary]))(
    '%s %s is refused by its name',
    async (method, path, summary) => {
      const { app } = openApp()
      // a login of upstream took any signature
      const body = JSON.stringify({ wallet_address: '0x1', challenge: 'c', signature: randomBytes(32).toString('hex') })
      const response = await app.request(path, { method, ...(method === 'POST' && { body }) })
      expect(response.status).toBe(501)
      const { code, detail, hint } = (await response.json()) as { [name: string]: string }
      expect(code).toBe('not_offered')
      expect(detail).toContain(summary.replace('Not here: ', ''))
      expect(hint).toBeTruthy()
    },
  )

  it('is all that stands in its table', () => {
    expect(absent).toHaveLength(3)
  })
})

describe('routes that need a key', () => {
  const guarded = POSTCHAIN_ROUTES.filter(({ scope }) => scope !== null)
  const cases = guarded.map((route) => [route.method.toUpperCase(), pathOf(route).replace(/:\w+/, 'x'), route] as const)
  const ann: Caller = { owner: 'ann', scopes: ['read', 'ask', 'memory'], local: false }

  it.each(cases)('%s %s is refused without one, and with one that lacks its scope', async (method, path, { scope }) => {
    const { get, post, keyOf } = await openServed()
    const send = (key: string | null) => (method === 'GET' ? get(path, { key }) : post(path, {}, { key }))
    for (const key of [null, 'ak_none_x', randomBytes(32).toString('hex')]) {
      const response = await send(key)
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ code: 'unauthenticated' })
    }
    const response = await send(await keyOf('bob', [scope === 'read' ? 'run' : 'read']))
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'scope_missing' })
  })

  // an owner and a record may have any name, and a list needs none
  const formed = cases.filter(([, , { path }]) => !/\{owner|\{vector|notifications$/.test(path))

  it.each(formed)('%s %s says what is wrong, once somebody is let in', async (method, path) => {
    const response = await createApp(openApp().runtime, { identify: () => ann }).request(path.replace('/x', '/x.y'), {
      method,
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid_input' })
  })
})
