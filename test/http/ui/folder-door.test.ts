import { request as ask } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { LOCAL } from '../../../src/http/authorize/caller.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { openFolderDoor } from '../../../src/http/ui/folder-door.ts'
import { openPages } from '../../../src/http/ui/pages.ts'
import { sessionsInMemory } from '../../../src/http/ui/sessions.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

/** No test here reads a page. */
const noPages = () => ({ build: '', document: () => new Response(), file: () => undefined })

type Answer = { readonly status: number; readonly cookie: string | undefined; readonly text: string }

async function openDoor() {
  const runtime = await openFolder().open()
  const app = createApp(runtime)
  const clock = simulatedClock()
  const { door, address } = await openFolderDoor((request) => app.fetch(request), {
    port: 0,
    user: 'ann',
    clock,
    pages: noPages,
  })
  onTestFinished(() => door.close())
  /** Asks as a browser would, which may name another host. */
  const get = (path: string, headers: { readonly [name: string]: string } = {}, method = 'GET') =>
    new Promise<Answer>((resolve, reject) => {
      const sent = ask({ host: '127.0.0.1', port: door.port, path, headers, method }, (response) => {
        let text = ''
        response.on('data', (piece) => (text += piece))
        response.on('end', () =>
          resolve({ status: response.statusCode!, cookie: response.headers['set-cookie']?.[0]?.split(';')[0], text }),
        )
      })
      sent.on('error', reject)
      sent.end()
    })
  const pathOf = (url: string) => new URL(url).pathname + new URL(url).search
  return { clock, get, address: () => pathOf(address()), host: `127.0.0.1:${door.port}` }
}

test('the address signs in one browser, once; nobody else gets anything', async () => {
  const { get, address, host } = await openDoor()
  const first = address()
  expect((await get('/v1/runs')).status).toBe(401)
  const { status, cookie } = await get(first)
  expect([status, cookie]).toEqual([303, expect.stringMatching(/^antiphon_ui_\d+=/)])
  expect((await get(first)).cookie).toBeUndefined()
  expect((await get('/ui/?code=guess')).cookie).toBeUndefined()
  expect((await get('/v1/status', { cookie: cookie! })).status).toBe(200)
  expect((await get('/v1/runs/none/cancel', { cookie: cookie!, origin: 'http://evil.example' }, 'POST')).status).toBe(
    403,
  )
  expect((await get('/v1/runs/none/cancel', { cookie: cookie! }, 'POST')).status).toBe(403)
  expect((await get('/v1/runs/none/resume', { cookie: cookie!, origin: `http://${host}` }, 'POST')).status).toBe(404)
})

test('no address is given while the pages are not built', async () => {
  const ask = async () => new Response()
  const opened = openFolderDoor(ask, { port: 0, user: 'ann', pages: () => openPages(['/nowhere']) })
  await expect(opened).rejects.toMatchObject({ code: 'not_found', hint: 'Build them: npm run build:ui' })
})

test('the address is good for a minute', async () => {
  const { clock, get, address } = await openDoor()
  const [first, second] = [address(), address()]
  await clock.advance(59_000)
  expect((await get(first)).cookie).toBeDefined()
  await clock.advance(1000)
  expect(await get(second)).toMatchObject({ status: 303, cookie: undefined })
})

test('sessions that have ended take no place of one that is used', async () => {
  const clock = simulatedClock()
  const sessions = sessionsInMemory(LOCAL, clock)
  const used = await sessions.open()
  for (let other = 1; other < 1000; other++) await sessions.open()
  await clock.advance(7 * 3_600_000)
  expect(await sessions.identify(used)).toBe(LOCAL)
  await clock.advance(7 * 3_600_000)
  await sessions.open()
  expect(await sessions.identify(used)).toBe(LOCAL)
})

test('a name of another site that is bound to the loopback gets nothing', async () => {
  const { get, address } = await openDoor()
  const cookie = (await get(address())).cookie!
  expect(await get('/v1/runs', { cookie, host: 'evil.example' })).toMatchObject({ status: 403 })
  expect((await get(address(), { host: 'evil.example' })).cookie).toBeUndefined()
})

test('a page cannot speak for another owner or another person', async () => {
  const { get, address } = await openDoor()
  const cookie = (await get(address())).cookie!
  const answer = await get('/v1/status', { cookie, 'antiphon-owner': 'bob', 'x-antiphon-by': 'through=cli&user=root' })
  // the header of an owner would take the scope away
  expect(answer.status).toBe(200)
})
