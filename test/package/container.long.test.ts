import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshEnvironment, npmSetting } from './command.ts'
import { freePort } from './free-port.ts'

// What the Dockerfile says, done without Docker: its commands in folders of their own, and what it starts in a root that holds Node, the
// libraries it names, the package and nothing else, not even a shell. As root, with bubblewrap: ANTIPHON_CONTAINER=1 npx vitest run test/package/container.long.test.ts
const ROOT = resolve(import.meta.dirname, '../..')
const top = join(tmpdir(), `antiphon-container-${process.pid}`)
const places = {
  build: join(top, 'build'),
  app: join(top, 'app'),
  more: join(top, 'more'),
  tmp: join(top, 'tmp'),
  data: join(top, 'data'),
}
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
const UID = 1000

describe.runIf(process.env.ANTIPHON_CONTAINER === '1')('the image of the Dockerfile', () => {
  let port: string

  beforeAll(async () => {
    for (const place of Object.values(places)) mkdirSync(place, { recursive: true })
    chownSync(places.data, UID, UID)
    chmodSync(places.data, 0o700)
    cpSync(process.execPath, join(top, 'node'))
    for (const name of copied()) cpSync(join(ROOT, name), join(places.build, name), { recursive: true })
    for (const { folder, command } of buildSteps()) inFolder(folder, command)
    port = await freePort()
  }, 300_000)
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(top, { recursive: true, force: true })
  })

  test('holds the package, what it depends on, and nothing for other systems', () => {
    expect(readdirSync(join(places.app, 'node_modules/@libsql'))).toEqual(['linux-x64-gnu'])
    for (const name of ['node', 'vitest', 'pino', '@restatedev'])
      expect(existsSync(join(places.app, 'node_modules', name))).toBe(false)
    expect(existsSync(join(places.app, 'src'))).toBe(false)
  })

  test('serves from a root that cannot be written, as another user, is healthy, makes keys, and ends at SIGTERM', async () => {
    const server = contained(['ENTRYPOINT', 'CMD'])
    const said = listenTo(server)
    await expect.poll(said).toContain('Other commands in this folder use it now.')
    expect(said()).toContain(`It answers at http://0.0.0.0:${port}`)
    expect(await ending(contained(['HEALTHCHECK']))).toMatchObject({ code: 0 })

    const made = await ending(contained(['ENTRYPOINT'], 'keys', 'api', 'create', 'laptop'))
    expect(made.code).toBe(0)
    const key = made.out.split('\n')[0]!
    const url = `http://127.0.0.1:${port}/v1`
    const question = { prompt: 'What is a tide?', texts: [{ name: 'a.md', text: 'A tide is a rise of the sea.' }] }
    const init = { method: 'POST', body: JSON.stringify(question) }
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await (await fetch(`${url}/threads/main/asks`, { ...init, headers })).json()
    expect(answer).toMatchObject({
      status: 'completed',
      answer: expect.stringContaining('A tide is a rise of the sea.'),
    })
    expect((await fetch(`${url}/runs`)).status).toBe(401)

    expect(readdirSync(places.data)).toEqual(expect.arrayContaining(['engine.db', 'owner.json', 'socket']))
    process.kill(JSON.parse(readFileSync(join(places.data, 'owner.json'), 'utf8')).pid, 'SIGTERM')
    expect(await ending(server)).toMatchObject({ code: 0 })
    expect(await ending(contained(['HEALTHCHECK']))).toMatchObject({ code: 1 })
  })

  /** What an instruction of the last stage starts, in a root of its own. */
  function contained(instructions: readonly string[], ...more: readonly string[]): ChildProcess {
    const command = [...instructions.flatMap(wordsOf), ...more].map((word) => word.replaceAll('8080', port))
    const child = spawn('bwrap', [...ARGUMENTS, ...command], { stdio: ['ignore', 'pipe', 'pipe'], uid: UID, gid: UID })
    child.once('spawn', () => children.push(child))
    return child
  }
})

const children: ChildProcess[] = []

/** What .dockerignore lets through. */
function copied(): readonly string[] {
  return linesOf(join(ROOT, '.dockerignore')).flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n')
}

/** The commands of the first stage, each with the folder it is run in. */
function buildSteps(): readonly { readonly folder: string; readonly command: string }[] {
  let folder = ''
  return firstStage.flatMap((line) => {
    if (line.startsWith('WORKDIR ')) folder = inTop(line.slice('WORKDIR '.length))
    return line.startsWith('RUN ') ? [{ folder, command: inTop(line.slice('RUN '.length)) }] : []
  })
}

const [firstStage = [], lastStage = []] = dockerfile
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((stage) => stage.split('\n'))

/** The paths of the image as they are here. */
const inTop = (text: string) => text.replace(/\/(build|app|tmp|more)\b/g, (_, name: string) => join(top, name))

function inFolder(cwd: string, command: string): void {
  const env = { ...freshEnvironment(top, process.execPath), npm_config_cache: npmSetting('cache') }
  execFileSync('sh', ['-c', command], { cwd, env, stdio: 'pipe' })
}

/** The words of an instruction of the last stage, which is written as a list. */
function wordsOf(instruction: string): readonly string[] {
  const line = lastStage.find((line) => line.startsWith(`${instruction} `))!
  return JSON.parse(line.slice(line.indexOf('['))) as readonly string[]
}

const settings = lastStage.flatMap((line) => (line.startsWith('ENV ') ? line.slice('ENV '.length).split(' ') : []))
const ADDON = join(ROOT, 'node_modules/@libsql/linux-x64-gnu/index.node')
const libraries = new Set(
  [process.execPath, ADDON].flatMap(
    (path) => execFileSync('ldd', [path], { encoding: 'utf8' }).match(/(?<==> |^\t)\/\S+/gm)!,
  ),
)

const ARGUMENTS = [
  ...['--unshare-user', '--unshare-ipc', '--die-with-parent', '--clearenv', '--setenv', 'PATH', '/usr/local/bin'],
  ...settings.flatMap((setting) => ['--setenv', ...setting.split('=')]),
  ...['--ro-bind', join(top, 'node'), '/usr/local/bin/node', '--ro-bind', places.app, '/app'],
  ...[...libraries].flatMap((path) => ['--ro-bind', path, path]),
  ...['--bind', places.data, '/data', '--dir', '/project', '--chdir', '/project'],
  ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--remount-ro', '/'],
]

function listenTo(child: ChildProcess): () => string {
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text) => (said += text))
  return () => said
}

async function ending(child: ChildProcess): Promise<{ readonly code: number | null; readonly out: string }> {
  let out = ''
  child.stdout!.setEncoding('utf8').on('data', (text) => (out += text))
  const [code] = await once(child, 'close')
  return { code, out }
}
