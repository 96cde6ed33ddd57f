import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { VERSIONS } from '../../create/project.js'
import { type Ended, freshEnvironment, npmSetting, run } from './command.ts'
import { freePort } from './free-port.ts'
import type { Project } from './installed.ts'
import { serveRegistry } from './registry.ts'

type Item = { readonly title: string; readonly run: string; readonly signal: string }

const ROOT = resolve(import.meta.dirname, '../..')
const PACKED = `create-antiphon-${VERSIONS.antiphon}.tgz`

/** Packs `create-antiphon`, makes each beginning with the packed antiphon, and uses it as its README says. */
export function describeBeginnings(packed: () => Pick<Project, 'tarball'>): void {
  const top = mkdtempSync(join(tmpdir(), 'antiphon-create-'))
  const cache = { npm_config_cache: npmSetting('cache'), npm_config_prefer_offline: 'true' }
  const environment = { ...freshEnvironment(top, process.execPath), ...cache }
  const children = new Set<ChildProcess>()
  const at = (path: string) => join(top, path)
  const lines = (path: string) => readFileSync(at(path), 'utf8').trim().split('\n')

  /** Runs a command in a folder of the top one. */
  const inFolder = (folder: string, command: string, more = {}): Promise<Ended> =>
    run(['sh', '-c', command], { folder: at(folder), environment: { ...environment, ...more } })

  const create = (name: string, template: string, more = '') =>
    inFolder(
      '.',
      `npx --yes --package ./${PACKED} create-antiphon ${name} --antiphon ${packed().tarball} --template ${template}${more}`,
    )

  /** The others have the packages of the first one, as a test of their package.json says. */
  async function createInstalled(name: string, template = name): Promise<void> {
    expect(await create(name, template, ' --no-install')).toMatchObject({ code: 0, err: '' })
    symlinkSync(at('support/node_modules'), at(`${name}/node_modules`))
  }

  /** Starts a program, which is alive once it has said `says`. */
  async function startProgram(folder: string, args: readonly string[], says: RegExp, more = {}) {
    const child = spawn(process.execPath, args, { cwd: at(folder), env: { ...environment, ...more } })
    children.add(child)
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (out += text))
    await expect.poll(() => out, { timeout: 60_000 }).toMatch(says)
    const end = async (signal: NodeJS.Signals) => {
      const ended = once(child, 'close')
      child.kill(signal)
      await ended
    }
    return { end, said: (pattern: RegExp) => expect.poll(() => out, { timeout: 60_000 }).toMatch(pattern) }
  }

  beforeAll(async () => {
    const command = ['npm', 'pack', './create', '--pack-destination', top]
    expect(await run(command, { folder: ROOT, environment })).toMatchObject({ code: 0 })
    const { code, out } = await create('support', 'support')
    expect([code, out]).toEqual([0, expect.stringMatching(/^Created support with \d+ files/)])
  })
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(top, { recursive: true, force: true })
  })

  test.each(['support', 'workflow', 'pipeline', 'questions'])(
    'the beginning %s passes its tests and checks',
    async (name) => {
      if (name !== 'support') await createInstalled(name)
      const [tested, checked] = [await inFolder(name, 'npm test'), await inFolder(name, 'npm run check')]
      expect(tested, tested.out + tested.err).toMatchObject({ code: 0 })
      expect(checked, checked.out + checked.err).toMatchObject({ code: 0 })
    },
  )

  test('a refund of the desk waits for staff over a kill, and is paid once', async () => {
    const PORT = String(await freePort())
    const site = `http://localhost:${PORT}`
    const start = () => startProgram('support', ['app.mts'], /Staff: /, { PORT })
    const cookieOf = (response: Response) => response.headers.getSetCookie()[0]!.split(';')[0]!
    const killed = await start()
    const customer = { cookie: cookieOf(await fetch(site)), 'content-type': 'application/json' }
    const body = JSON.stringify({ agent: 'support', text: 'My lamp arrived broken. It was order 1789.', id: 'm1' })
    const sent = await fetch(`${site}/ai/v1/conversations/lamp/messages`, { method: 'POST', headers: customer, body })
    expect(sent.ok).toBe(true)
    // a customer does nothing but talk
    expect((await fetch(`${site}/desk/v1/inbox`, { headers: customer })).headers.get('content-type')).toContain('html')
    expect((await fetch(`${site}/ai/v1/runs`, { headers: customer })).status).toBe(403)
    await killed.end('SIGKILL')

    const again = await start()
    const secret = readFileSync(at('support/.env'), 'utf8').trim().slice('DESK_SECRET='.length)
    const logIn = (given: string) =>
      fetch(`${site}/login`, { method: 'POST', body: new URLSearchParams({ secret: given }), redirect: 'manual' })
    expect((await logIn('guess')).status).toBe(403)
    const staff = { cookie: cookieOf(await logIn(secret)), 'content-type': 'application/json' }
    const inbox = async () =>
      ((await (await fetch(`${site}/desk/v1/inbox`, { headers: staff })).json()) as { readonly items: Item[] }).items
    await expect.poll(async () => (await inbox()).length, { timeout: 30_000 }).toBe(1)
    const item = (await inbox())[0]!
    expect(item.title).toBe('Refund 49.00 € for order "1789"?')
    const answer = JSON.stringify({ signal: item.signal, action: 'approve' })
    const approved = await fetch(`${site}/desk/v1/runs/${encodeURIComponent(item.run)}/approve`, {
      method: 'POST',
      headers: staff,
      body: answer,
    })
    expect(approved.ok, await approved.text()).toBe(true)
    const { messages } = { messages: `${site}/ai/v1/threads/lamp/messages` }
    const told = async () => (await fetch(messages, { headers: customer })).text()
    await expect.poll(told, { timeout: 30_000 }).toContain('money is on its way')
    expect(lines('support/refunds.txt')).toHaveLength(1)
    await again.end('SIGTERM')
  })

  test('a desk without its secret, or in production, does not start', async () => {
    const refused = (more: object) => inFolder('support', 'node app.mts', more)
    expect(await refused({ DESK_SECRET: 'short' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('DESK_SECRET'),
    })
    expect(await refused({ NODE_ENV: 'production' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('login.mts'),
    })
  })

  test('an order goes on over a kill, and is charged once', async () => {
    const wait = { ORDER_WAIT: '1' }
    const killed = await startProgram('workflow', ['app.mts'], /order-7 goes on/, wait)
    await expect.poll(() => existsSync(at('workflow/charges.txt')), { timeout: 30_000 }).toBe(true)
    await killed.end('SIGKILL')
    const again = await startProgram('workflow', ['app.mts'], /order-7 goes on/, wait)
    const waits = async () => (await inFolder('workflow', 'npx antiphon inbox --json')).out
    await expect.poll(waits, { timeout: 60_000, interval: 500 }).toContain('order-7')
    const [, signal = 'release'] = /"signal": ?"(call_\d+|release)"/.exec(await waits()) ?? []
    expect(await inFolder('workflow', `npx antiphon signal order-7 ${signal} approve`)).toMatchObject({ code: 0 })
    // a kill that hits the charge itself would have asked a person first
    await again.said(/shipped: true/)
    expect(lines('workflow/charges.txt')).toHaveLength(1)
  })

  test('a pipeline goes on over a kill', async () => {
    const killed = await startProgram('pipeline', ['node_modules/.bin/antiphon', 'run', 'digest.yaml'], /each/)
    await killed.end('SIGKILL')
    const { code, out } = await inFolder('pipeline', 'npx antiphon resume last')
    expect([code, out]).toEqual([0, expect.stringContaining('texts: 6')])
  })

  test('`npm create antiphon` makes a project', async () => {
    const registry = await serveRegistry('create-antiphon', VERSIONS.antiphon!, at(PACKED))
    const words = `created -- --template pipeline --no-install --antiphon ${packed().tarball}`
    const { code, out, err } = await inFolder('.', `npm create --yes antiphon ${words}`, {
      npm_config_registry: registry.url,
      npm_config_cache: at('npm-cache'),
      npm_config_prefer_offline: 'false',
    })
    registry.close()
    expect([code, out], err).toEqual([0, expect.stringContaining('Created created with')])
    expect(registry.asked).toContain('/create-antiphon')
    expect(existsSync(at('created/digest.yaml'))).toBe(true)
  })
}
