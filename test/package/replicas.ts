import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { freshEnvironment, npmSetting, run } from './command.ts'
import { freePort } from './free-port.ts'
import type { Project } from './installed.ts'

// What the Dockerfile of examples/replicas says, done without a container: its lines in folders of their own.
const ROOT = resolve(import.meta.dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/replicas')
const top = mkdtempSync(join(tmpdir(), 'antiphon-replicas-'))
const context = join(top, 'context')
const image = join(top, 'image')
const cache = { npm_config_cache: npmSetting('cache'), npm_config_prefer_offline: 'true' }
const environment = { ...freshEnvironment(top, process.execPath), ...cache }
const lines = readFileSync(join(EXAMPLE, 'Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ word: line.split(' ', 1)[0]!, rest: line.slice(line.indexOf(' ') + 1) }))
const of = (word: string) => lines.filter((line) => line.word === word).map(({ rest }) => rest)
/** A path of the image, below the folder that stands for its root. */
const within = (path: string) => join(image, path)
const command = (said: string) => JSON.parse(said.slice(said.indexOf('['))) as readonly string[]

/** The tests of the example, with a package that was packed before: two packings at once would share `dist`. */
export function describeReplicas(project: () => Pick<Project, 'tarball'>): void {
  const running: ChildProcess[] = []
  let model: Server

  beforeAll(async () => {
    cpSync(EXAMPLE, context, { recursive: true })
    const succeed = async (words: readonly string[], folder: string) => {
      const { code, out, err } = await run(words, { folder, environment })
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}\n${out}\n${err}`)
    }
    cpSync(project().tarball, join(context, basename(project().tarball)))
    const [tarball] = globSync('*.tgz', { cwd: context })
    await succeed(['npm', 'install', '--no-audit', '--no-fund', '--package-lock-only', `./${tarball}`], context)
    model = createServer((request, response) => {
      request.resume().on('end', () => {
        const choice = {
          index: 0,
          finish_reason: 'stop',
          message: { role: 'assistant', content: 'Hello from the desk.' },
        }
        const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
        response.setHeader('content-type', 'application/json')
        response.end(
          JSON.stringify({ id: 'x', object: 'chat.completion', created: 0, model: 'm', choices: [choice], usage }),
        )
      })
    }).listen(0, '127.0.0.1')
    await once(model, 'listening')
    const { port } = model.address() as AddressInfo
    const provider = `providers: { lab: { type: openai-compatible, baseURL: http://127.0.0.1:${port}/v1 } }`
    const priced = 'models: [{ id: lab/m, cost: { input: 1, output: 1 } }]'
    writeFileSync(join(context, 'antiphon.yaml'), `model: lab/m\n${provider}\n${priced}\n`)
    await build(succeed)
  }, 300_000)

  afterAll(() => {
    for (const child of running) child.kill('SIGKILL')
    model?.close()
    rmSync(top, { recursive: true, force: true })
  })

  /** Does what each line up to the command says. */
  async function build(succeed: (words: readonly string[], folder: string) => Promise<void>): Promise<void> {
    let at = image
    for (const { word, rest } of lines) {
      if (word === 'WORKDIR') mkdirSync((at = within(rest)), { recursive: true })
      if (word === 'COPY') {
        const names = rest
          .split(' ')
          .slice(0, -1)
          .flatMap((name) => globSync(name, { cwd: context }))
        for (const name of names) cpSync(join(context, name), join(at, name))
      }
      if (word === 'RUN' && rest.startsWith('npm')) await succeed(rest.split(' '), at)
      if (word === 'RUN' && rest.startsWith('install')) mkdirSync(within(rest.split(' ').at(-1)!), { recursive: true })
    }
  }

  /** Starts the command of the image as a replica. */
  async function replica() {
    const port = String(await freePort())
    const settings = Object.fromEntries(of('ENV').flatMap((said) => said.split(' ').map((one) => one.split('='))))
    const [name, ...args] = command(of('CMD')[0]!)
    const env = { ...environment, ...settings, ANTIPHON_DATA: within(settings.ANTIPHON_DATA), PORT: port }
    const child = spawn(name!, args, { cwd: within(of('WORKDIR').at(-1)!), env, stdio: ['ignore', 'pipe', 'inherit'] })
    running.push(child)
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    await until(() => said.includes('owns the data folder'))
    const url = `http://127.0.0.1:${port}`
    const probe = async (path: string) => {
      const response = await fetch(`${url}/v1/${path}`)
      return [response.status, ((await response.json()) as { role?: string }).role]
    }
    const check = async () => {
      const [node, ...words] = command(of('HEALTHCHECK')[0]!).map((one) => one.replaceAll('8080', port))
      return (await run([node!, ...words], { folder: top, environment })).code
    }
    const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
      const ended = once(child, 'exit')
      child.kill(signal)
      return (await ended)[0]
    }
    const send = async (id: string) => {
      const response = await fetch(`${url}/ai/v1/conversations/lamp/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-customer': 'ann' },
        body: JSON.stringify({ agent: 'support', text: 'My lamp is broken.', id, wait: true }),
      })
      return (await response.json()) as { readonly n?: number; readonly answer?: string }
    }
    return { probe, check, end, send }
  }

  test('two replicas of the image serve customers, and one after the other is replaced', {
    timeout: 120_000,
  }, async () => {
    const first = await replica()
    const second = await replica()
    expect(await Promise.all([first.probe('health'), second.probe('health')])).toEqual([
      [200, 'owner'],
      [200, 'standby'],
    ])
    expect(await Promise.all([first.probe('ready'), second.probe('ready')])).toEqual([
      [200, 'owner'],
      [200, 'standby'],
    ])
    expect(await Promise.all([first.check(), second.check()])).toEqual([0, 0])
    expect(await first.send('m1')).toMatchObject({ n: 1, answer: 'Hello from the desk.' })
    expect(await second.send('m2')).toMatchObject({ n: 2, answer: 'Hello from the desk.' })
    expect(await first.end('SIGTERM')).toBe(0)
    expect(await first.check()).toBe(1)
    expect(await second.send('m3')).toMatchObject({ n: 3, answer: 'Hello from the desk.' })
    expect(await second.probe('ready')).toEqual([200, 'owner'])
    const third = await replica()
    expect(await third.probe('health')).toEqual([200, 'standby'])
    await second.end('SIGKILL')
    expect(await third.send('m4')).toMatchObject({ n: 4, answer: 'Hello from the desk.' })
    expect(await third.send('m1')).toMatchObject({ n: 1 })
    expect(await third.end('SIGTERM')).toBe(0)
  })

  test('the image starts without a shell, not as root, and writes below /data', () => {
    expect(command(of('CMD')[0]!)).toEqual(['node', 'server.mts'])
    expect(of('USER')).toEqual(['node'])
    expect(of('VOLUME')).toEqual(['/data'])
    expect(of('ENV').join(' ')).toContain('ANTIPHON_DATA=/data')
  })
}
