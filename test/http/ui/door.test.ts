import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import { createDoor, withPages } from '../../../src/http/ui/door.ts'
import { openPages } from '../../../src/http/ui/pages.ts'
import { createSessions, identifyBySession, sessionsOfKeys } from '../../../src/http/ui/sessions.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'

const HOST = 'agents.example.com:8443'
const ORIGIN = `http://${HOST}`

/** Pages of three small files. */
function somePages() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-pages-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of [
    ['main-1.js', 'run()'],
    ['part-1.js', 'show()'],
    ['style-1.css', 'a{}'],
  ] as const) {
    writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text))
  }
  writeFileSync(join(folder, 'pages.json'), '{"script":"main-1.js","style":"style-1.css","parts":["part-1.js"]}')
  return () => openPages([folder])
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-door-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** A server with keys and pages, and how a browser asks it. */
async function openServer(folder = newFolder(), clock = simulatedClock()) {
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' }, { clock })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const sessions = createSessions(sessionsOfKeys(runtime.access))
  const door = createDoor({ entrance: { signIn: 'key', sessions }, pages: somePages() })
  const identify = identifyBySession(sessions, identifyByKey(runtime.access))
  const app = withPages(createApp(runtime, { identify }), door)
  const ask = async (
    path: string,
    init: RequestInit & { readonly headers?: { readonly [name: string]: string } } = {},
  ) => app.fetch(new Request(`${ORIGIN}${path}`, { ...init, headers: { host: HOST, ...init.headers } }))
  const signIn = (key: string, headers: { readonly [name: string]: string } = { origin: ORIGIN }) =>
    ask('/ui/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ key }),
    })
  const keyOf = async (scopes: readonly 'read'[] | readonly ['admin'], more = {}) =>
    runtime.access.keys.create({ name: 'page', owner: 'ann', scopes, ...more })
  return { runtime, clock, ask, signIn, keyOf }
}

const cookieOf = (response: Response) => response.headers.get('set-cookie')!.split(';')[0]!

test('pages load without a sign-in, and hold neither data nor a way to run a script of a text', async () => {
  const { ask } = await openServer()
  const page = await ask('/ui/runs/run_1?step=a')
  const text = await page.text()
  expect([page.status, text]).toEqual([200, expect.stringContaining('<script type="module" src="/ui/main-1.js">')])
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  expect(policy).not.toMatch(/unsafe|\*|http:/)
  expect(await (await ask('/ui/main-1.js')).text()).toBe('run()')
  expect(await (await ask('/ui/part-1.js')).text()).toBe('show()')
  const packed = await ask('/ui/style-1.css', { headers: { 'accept-encoding': 'gzip, br' } })
  expect([packed.headers.get('content-encoding'), packed.headers.get('content-type')]).toEqual([
    'br',
    'text/css; charset=utf-8',
  ])
  for (const path of ['/ui/pages.json.js', '/ui/%2e%2e/pages.js', '/ui/..%2f..%2fpackage.js', '/ui/main-2.js'])
    expect([path, (await ask(path)).status]).toEqual([path, 404])
})

test('a key gives a cookie that scripts cannot read, and that is good for what the key may do', async () => {
  const { ask, signIn, keyOf } = await openServer()
  const { token } = await keyOf(['read'])
  const answer = await signIn(token)
  expect(answer.status).toBe(204)
  expect(answer.headers.get('set-cookie')).toMatch(
    /^antiphon_ui_8443=se_[0-9a-f]{16}_[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
  )
  expect(answer.headers.get('set-cookie')).not.toContain(token)
  const overTls = await signIn(token, { origin: `https://${HOST}` })
  expect(overTls.headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict; Secure$/)
  const cookie = cookieOf(answer)
  expect((await ask('/v1/runs', { headers: { cookie } })).status).toBe(200)
  expect((await ask('/v1/status', { headers: { cookie } })).status).toBe(403)
  expect((await ask('/v1/runs')).status).toBe(401)
  expect((await ask('/v1/runs', { headers: { cookie: 'antiphon_ui_8443=guess' } })).status).toBe(401)
  expect((await ask('/v1/runs', { headers: { cookie: cookie.replace('8443', '9999') } })).status).toBe(401)
  expect((await ask('/ui/session', { method: 'DELETE', headers: { cookie, origin: ORIGIN } })).status).toBe(204)
  expect((await ask('/v1/runs', { headers: { cookie } })).status).toBe(401)
})

test('a change by the cookie needs the origin of this server, and so does a sign-in', async () => {
  const { ask, signIn, keyOf } = await openServer()
  const { token } = await keyOf(['admin'])
  const cookie = cookieOf(await signIn(token))
  const start = (headers: { readonly [name: string]: string }) =>
    ask('/v1/runs', {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        source: { text: 'name: p\nsteps: [{ id: a, tool: debug, parameters: { message: hi } }]' },
      }),
    })
  expect((await start({ origin: ORIGIN })).status).toBe(202)
  for (const origin of ['https://evil.example', 'null', 'http://agents.example.com'])
    expect([origin, (await start({ origin })).status]).toEqual([origin, 403])
  expect((await start({})).status).toBe(403)
  expect((await signIn(token, { origin: 'https://evil.example' })).status).toBe(403)
  expect((await signIn(token, {})).status).toBe(403)
})

test('a wrong, expired or revoked key gives no cookie, and a session ends with its key', async () => {
  const { runtime, clock, ask, signIn, keyOf } = await openServer()
  const expired = await keyOf(['read'], { ttl: 1 })
  await clock.advance(5)
  for (const key of ['wrong', expired.token]) {
    const refused = await signIn(key)
    expect([refused.status, refused.headers.has('set-cookie')]).toEqual([401, false])
  }
  const { id, token } = await keyOf(['read'])
  const cookie = cookieOf(await signIn(token))
  await runtime.access.keys.revoke(id)
  expect((await ask('/v1/runs', { headers: { cookie } })).status).toBe(401)
})

test('a session ends after 12 hours without a request, and after 7 days with some', async () => {
  const { ask, signIn, keyOf, clock } = await openServer()
  const { token } = await keyOf(['read'])
  const open = async () => ({ cookie: cookieOf(await signIn(token)) })
  const used = await open()
  const status = async (headers: { readonly cookie: string }) => (await ask('/v1/runs', { headers })).status
  for (let hours = 8; hours < 7 * 24; hours += 8) {
    await clock.advance(8 * 3_600_000)
    expect([hours, await status(used)]).toEqual([hours, 200])
  }
  const idle = await open()
  await clock.advance(8 * 3_600_000)
  expect(await status(used)).toBe(401)
  await clock.advance(5 * 3_600_000)
  expect(await status(idle)).toBe(401)
})

test('a session outlives the server, its secret is stored nowhere, and a forgotten owner has none', async () => {
  const folder = newFolder()
  const clock = simulatedClock()
  const first = await openServer(folder, clock)
  const { token } = await first.keyOf(['read'])
  const cookie = cookieOf(await first.signIn(token))
  await first.runtime.stop()
  const { runtime, ask } = await openServer(folder, clock)
  const status = async (text = cookie) => (await ask('/v1/runs', { headers: { cookie: text } })).status
  expect(await status()).toBe(200)
  expect(await status(`${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`)).toBe(401)
  // a session does not end before its 12 hours, and its use is not written with each request
  const sessions = () => runtime.engine.view.list('session')
  const [opened] = await sessions()
  for (let minutes = 0; minutes < 9; minutes++) {
    await clock.advance(60_000)
    expect(await status()).toBe(200)
  }
  expect(await sessions()).toEqual([opened])
  // the secret itself may have a _
  const [, secret] = /_[0-9a-f]{16}_(.{40,})$/.exec(cookie)!
  for (const { parentPath, name } of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ))
    expect(readFileSync(join(parentPath, name), 'latin1')).not.toContain(secret!)
  await runtime.erasures.forget('ann')
  expect([await status(), await sessions()]).toEqual([401, []])
})

test('a guesser of keys is slowed down', async () => {
  const { signIn } = await openServer()
  const statuses = new Set<number>()
  for (let i = 0; i < 120; i++) statuses.add((await signIn(`guess ${i}`)).status)
  expect([...statuses].sort()).toEqual([401, 429])
})

test('below the path of another server, pages name that path, and ask for no sign-in', async () => {
  const door = createDoor({ entrance: { signIn: 'none' }, base: '/ai', pages: somePages() })
  const text = await (await door.fetch(new Request(`${ORIGIN}/ai/ui/`))).text()
  expect(text).toContain('<meta name="antiphon-base" content="/ai">')
  expect(text).toContain('src="/ai/ui/main-1.js"')
  expect(text).toContain('<meta name="antiphon-sign-in" content="none">')
  expect((await door.fetch(new Request(`${ORIGIN}/ai/ui/session`, { method: 'POST' }))).status).toBe(404)
})

test('pages that were not built say how to build them', async () => {
  const door = createDoor({ entrance: { signIn: 'none' }, pages: () => openPages(['/nowhere']) })
  const answer = await door.fetch(new Request(`${ORIGIN}/ui/`))
  expect(await answer.json()).toMatchObject({ status: 404, hint: 'Build them: npm run build:ui' })
})
