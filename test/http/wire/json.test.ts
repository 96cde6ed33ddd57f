import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { expect, it } from 'vitest'
import { jsonResponse, textOf } from '../../../src/http/wire/json.ts'

const answer = () => jsonResponse({ tide: 'ebb' }, { status: 201, headers: { location: '/x' } })
const TEXT = '{"tide":"ebb"}'

it('an answer is read as any other, once, with its status and its headers', async () => {
  const response = answer()
  expect(response).toBeInstanceOf(Response)
  expect([response.status, response.headers.get('content-type'), response.bodyUsed]).toEqual([
    201,
    'application/json',
    false,
  ])
  const copy = response.clone()
  expect(await response.json()).toEqual({ tide: 'ebb' })
  expect(response.bodyUsed).toBe(true)
  await expect(response.text()).rejects.toThrow(TypeError)
  expect([await copy.text(), copy.status, copy.headers.get('location')]).toEqual([TEXT, 201, '/x'])
  expect(Buffer.from(await answer().bytes()).toString()).toBe(TEXT)
})

it('its text is known without its body, also when a middleware made a new response of it', async () => {
  expect(textOf(answer())).toBe(TEXT)
  expect(textOf(new Response(answer().body, answer()))).toBe(TEXT)
  expect(textOf(new Response(TEXT))).toBeUndefined()
  const app = new Hono().use(cors({ origin: 'https://a.example' })).get('/', answer)
  const response = await app.request('/', { headers: { origin: 'https://a.example' } })
  expect([textOf(response), response.status, response.headers.get('access-control-allow-origin')]).toEqual([
    TEXT,
    201,
    'https://a.example',
  ])
  expect(await response.text()).toBe(TEXT)
})
