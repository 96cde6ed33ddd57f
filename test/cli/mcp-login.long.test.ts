import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openOAuth } from '../tool/mcp/oauth-double.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

type Settings = { readonly server?: object; readonly web?: object; readonly environment?: object }

/** A project with one server that wants a login. A person who reads an address opens it at once. */
function open(url: string, { server = {}, web, environment: more = {} }: Settings = {}) {
  const bench = openBench(REAL)
  const environment = {
    PATH: process.env.PATH,
    XDG_CONFIG_HOME: bench.path('config'),
    ANTIPHON_PASSPHRASE: 'the passphrase of a test',
    ...more,
  }
  const settings = { mcpServers: { notes: { url, ...server } }, ...(web && { web }) }
  bench.write('antiphon.yaml', JSON.stringify(settings))
  const step = (id: string) => `  - { id: ${id}, tool: "notes:note", parameters: { line: ${id} } }`
  bench.write(
    'p.yaml',
    'name: p',
    'steps:',
    step('ebb'),
    step('flow'),
    'outputs: { said: "{{ ebb.text }}, {{ flow.text }}" }',
  )
  const shown: string[] = []
  const visited: string[] = []
  const take = async (args: readonly string[], isVisiting: boolean) => {
    let err = ''
    const say = (text: string) => {
      err += `${text}\n`
      if (!isVisiting || !text.includes('/authorize?')) return
      void fetch(text).then(async (answer) => visited.push(await answer.text()))
    }
    const ended = await runHere(REAL, args, { folder: bench.folder, environment, say })
    shown.push(ended.out, err)
    return { ...ended, err }
  }
  return {
    ...bench,
    visited,
    mcp: (...args: string[]) => take(['mcp', ...args], true),
    byBrowser: (...args: string[]) => take(['mcp', ...args], false),
    call: () => take(['tools', 'call', 'notes:note', 'line=ebb'], false),
    keys: () => take(['keys', 'list', '--json'], false),
    async run() {
      const ended = await bench.runWith(environment, 'run', 'p.yaml')
      shown.push(ended.out, ended.err)
      return ended
    },
    /** everything that was printed, and the content of every file */
    leaks: (texts: readonly string[]) => {
      const files = readdirSync(bench.folder, { recursive: true, encoding: 'utf8' }).map(bench.path)
      const contents = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'latin1'))
      return texts.filter((text) => [...shown, ...contents].some((content) => content.includes(text)))
    },
  }
}

const SAID = 'said: noted ebb, noted flow\n'

test('a login keeps tokens with which runs call the tools, and a logout removes them', async () => {
  const { url, given, counts, seen } = await openOAuth()
  const { mcp, run, keys, leaks, visited } = open(url)
  const before = await mcp('tools', 'notes')
  expect(before).toMatchObject({ code: 1, err: expect.stringContaining('antiphon mcp login notes') })
  expect(await mcp('login', 'notes')).toMatchObject({
    code: 0,
    out: 'notes: signed in. The tokens are kept as a secret.\n',
    err: expect.stringMatching(/^To sign in to notes, open this address .*\nhttp:\/\/127\.0\.0\.1:\d+\/authorize\?/),
  })
  expect(visited).toEqual(['antiphon has the answer of the login to notes. You can close this window.\n'])
  expect(counts).toMatchObject({ registered: 1, exchanged: 1 })
  expect((await mcp('tools', 'notes')).out).toMatch(/^notes:note +Writes a line$/m)
  expect(await run()).toMatchObject({ code: 0, out: SAID })
  expect(counts.refreshed).toBe(0)
  expect(JSON.parse((await keys()).out)).toMatchObject([{ name: 'mcp.notes' }])
  expect(given).toHaveLength(3)
  expect(leaks(given)).toEqual([])
  const register = JSON.parse(seen.find(({ path }) => path === '/register')!.body)
  expect(register).toMatchObject({ client_name: 'antiphon', token_endpoint_auth_method: 'none', scope: 'notes' })
  expect(await mcp('logout', 'notes')).toMatchObject({ code: 0, out: 'notes: signed out\n' })
  expect(await mcp('logout', 'notes')).toMatchObject({ code: 0, out: 'notes: there were no tokens\n' })
  expect(JSON.parse((await keys()).out)).toEqual([])
  const after = await run()
  expect(after).toMatchObject({ code: 1, err: expect.stringContaining('wants a login') })
  expect(after.err).toContain('antiphon mcp login notes')
})

test('an expired token is refreshed once and kept, and one that cannot be refreshed wants a login', async () => {
  const { url, given, counts, expire, revoke } = await openOAuth()
  const { mcp, run, call, leaks } = open(url)
  await mcp('login', 'notes')
  expire()
  expect(await run()).toMatchObject({ code: 0, out: SAID })
  expect(await run()).toMatchObject({ code: 0, out: SAID })
  expect(await call()).toMatchObject({ code: 0 })
  expect(counts.refreshed).toBe(1)
  revoke()
  const { code, err } = await call()
  expect(code).toBe(1)
  expect(err).toContain('its authorization server gives no new token (invalid_grant')
  expect(err).toContain('antiphon mcp login notes')
  expect(await run()).toMatchObject({ code: 1 })
  expect(leaks(given)).toEqual([])
})

test('an authorization server that fails to refresh for a while wants no login', async () => {
  const { url, given, expire } = await openOAuth({ outages: 1 })
  const { mcp, call, leaks } = open(url)
  await mcp('login', 'notes')
  expire()
  const { code, err } = await call()
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('fails: server_error: HTTP 503') })
  expect(await call()).toMatchObject({ code: 0 })
  expect(leaks(given)).toEqual([])
})

test('an answer with another state is refused, and so is a denied consent', async () => {
  const wrong = await openOAuth({ state: 'guessed' })
  const refused = await open(wrong.url).mcp('login', 'notes')
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('has another `state` than') })
  const denying = await openOAuth({ denies: true })
  const { mcp, keys, visited } = open(denying.url)
  const denied = await mcp('login', 'notes')
  expect(denied).toMatchObject({ code: 1, out: '', err: expect.stringContaining('consent was denied') })
  expect(denied.err).toContain('Ada said no')
  expect(visited).toEqual(['antiphon refuses this answer. The terminal says why.\n'])
  expect(wrong.counts.exchanged + denying.counts.exchanged).toBe(0)
  expect(JSON.parse((await keys()).out)).toEqual([])
})

test('a registered client signs in with its secret, and a browser opens if asked', async () => {
  const client = { id: 'antiphon at work', secret: 'planted-4711' }
  const { url, given, counts, expire } = await openOAuth({ client })
  const oauth = { clientId: client.id, clientSecret: 'secret://work', scopes: ['notes', 'more'] }
  const bench = openBench(REAL)
  const browser = bench.path('browser')
  bench.write('browser', `#!${process.execPath}`, 'fetch(process.argv[2])')
  chmodSync(browser, 0o700)
  const environment = { ANTIPHON_SECRET_WORK: client.secret, BROWSER: browser }
  const { byBrowser, run, leaks } = open(url, { server: { oauth }, environment })
  const { code, err } = await byBrowser('login', 'notes', '--open')
  expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('scope=notes+more') })
  expire()
  expect(await run()).toMatchObject({ code: 0, out: SAID })
  expect(counts).toMatchObject({ registered: 0, exchanged: 1, refreshed: 1 })
  expect(leaks([...given, client.secret])).toEqual([])
})

test('an authorization server at another private address is reached only if the configuration opens it', async () => {
  const { url, issuer, seen, given } = await openOAuth({ apart: true })
  const closed = await open(url).mcp('login', 'notes')
  expect(closed).toMatchObject({ code: 1, err: expect.stringContaining(`port ${new URL(issuer).port} is closed`) })
  expect(seen.filter(({ host }) => host === issuer)).toEqual([])
  const ports = [Number(new URL(issuer).port)]
  expect((await open(url, { web: { ports } }).mcp('login', 'notes')).err).toContain('a loopback address')
  const { mcp, run } = open(url, { web: { allow: ['127.0.0.1'], ports } })
  expect(await mcp('login', 'notes')).toMatchObject({ code: 0 })
  expect(await run()).toMatchObject({ code: 0, out: SAID })
  const elsewhere = seen.filter(({ host }) => host === issuer)
  const access = given.filter((text) => text.startsWith('access'))
  expect(
    elsewhere.filter(({ authorization, body }) => authorization || access.some((one) => body.includes(one))),
  ).toEqual([])
})

test('tokens go to the address for which a person signed in, and to no other', async () => {
  const { url } = await openOAuth()
  const other = await openOAuth()
  const { mcp, write, run } = open(url)
  await mcp('login', 'notes')
  write('antiphon.yaml', JSON.stringify({ mcpServers: { notes: { url: other.url } } }))
  expect(await run()).toMatchObject({ code: 1, err: expect.stringContaining('antiphon mcp login notes') })
  expect(other.seen.filter(({ authorization }) => authorization)).toEqual([])
})

test('a login that cannot keep its tokens, or is not needed, says so before a person signs in', async () => {
  const { url, counts } = await openOAuth()
  const locked = await open(url, { environment: { ANTIPHON_PASSPHRASE: '' } }).mcp('login', 'notes')
  expect(locked).toMatchObject({ code: 1, err: expect.stringContaining('there is no passphrase') })
  const keyed = open(url, { server: { headers: { Authorization: 'Bearer secret://notes' } } })
  expect((await keyed.mcp('login', 'notes')).err).toContain('has the header Authorization')
  const { mcp, write } = open(url)
  expect((await mcp('login', 'nots')).err).toContain('Did you mean notes?')
  write('antiphon.yaml', 'mcpServers: { notes: { command: x } }')
  expect((await mcp('login', 'notes')).err).toContain('Expected a server with a `url`, and notes has a `command`.')
  write('antiphon.yaml', 'mcpServers: { notes: { command: x, oauth: {} } }')
  expect((await mcp('list')).err).toContain('expected it beside `url` only')
  write('antiphon.yaml', `mcpServers: { notes: { url: "${url}", oauth: { clientId: a, clientSecret: plain-text } } }`)
  expect((await mcp('list')).err).toContain('expected a secret such as secret://')
  expect(counts.registered).toBe(0)
})
