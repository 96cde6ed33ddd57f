import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from './free-port.ts'

// Dockerfile and compose.yaml, run by Docker: as root on Linux, with node:24-bookworm-slim at hand or a way to it:
// ANTIPHON_CONTAINER=docker npx vitest run test/package/docker.long.test.ts
const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const NAME = `antiphon-test-${process.pid}`
const QUESTION = { prompt: 'What is a tide?', texts: [{ name: 'a.md', text: 'A tide is a rise of the sea.' }] }
const ANSWER = expect.stringContaining('A tide is a rise of the sea.')

describe.runIf(process.env.ANTIPHON_CONTAINER === 'docker')('compose.yaml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-compose-'))
  let url: string
  let headers: { readonly authorization: string; readonly 'content-type': string }

  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}/v1`
    writeFileSync(join(folder, 'compose.yaml'), composeFor(port))
    await compose('up', '-d', '--build')
    await healthy()
    const { stdout } = await inside('keys', 'api', 'create', 'laptop')
    headers = { authorization: `Bearer ${stdout.split('\n')[0]!.trim()}`, 'content-type': 'application/json' }
  }, 600_000)
  afterAll(async () => {
    await compose('down', '-v', '--rmi', 'all')
    rmSync(folder, { recursive: true, force: true })
  })

  test('makes a service that answers who has a key, and nobody else', async () => {
    const asked = await fetch(`${url}/threads/main/asks`, { method: 'POST', headers, body: JSON.stringify(QUESTION) })
    expect(await asked.json()).toMatchObject({ status: 'completed', answer: ANSWER })
    expect((await fetch(`${url}/runs`)).status).toBe(401)
  })

  test('has the packages that it was made with', async () => {
    const look = `require('node:module').createRequire('/app/dist/index.js').resolve('pino')`
    expect((await compose('exec', '-T', 'antiphon', 'node', '-p', look)).stdout).toContain('/node_modules/pino/')
  })

  test('lets it write to its data alone, as a user who may do nothing else', async () => {
    const status = readFileSync(`/proc/${await state('Pid')}/status`, 'utf8')
    expect(status).toMatch(/^Uid:\t1000\t/m)
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    await expect(compose('exec', '-T', 'antiphon', 'touch', '/app/more')).rejects.toThrow('Read-only file system')
  })

  test('does not let a second container into its data, but to ask the first', async () => {
    const second = (...words: readonly string[]) => docker('run', '--rm', '-v', `${NAME}_data:/data`, NAME, ...words)
    await expect(second()).rejects.toThrow('already owns the data folder /data')
    expect((await second('doctor')).stdout).toContain('owned by process 1 (antiphon serve)')
  })

  test('has what was asked before a kill -9', async () => {
    const before = await state('Pid')
    process.kill(Number(before), 'SIGKILL')
    await expect.poll(() => state('Pid')).not.toMatch(new RegExp(`^(0|${before})$`))
    await healthy()
    const thread = await (await fetch(`${url}/threads/main`, { headers })).json()
    expect(thread).toMatchObject({ asks: [{ status: 'completed', answer: ANSWER }] })
  })

  test('is found healthy, makes a backup, and ends with 0 when it is stopped', async () => {
    await expect.poll(() => state('Health.Status')).toBe('healthy')
    await inside('backup', '/data/monday.backup')
    expect((await inside('restore', '/data/monday.backup', '--verify')).stdout).toContain('The backup is complete.')
    const { stdout: container } = await compose('ps', '-q')
    await compose('stop')
    expect((await docker('inspect', '-f', '{{.State.ExitCode}}', container.trim())).stdout).toBe('0\n')
  })

  const compose = (...words: readonly string[]) => composed(folder, words)
  const inside = (...words: readonly string[]) => compose('exec', '-T', 'antiphon', 'antiphon', ...words)
  const healthy = () => vi.waitFor(() => fetch(`${url}/health`), { timeout: 20_000, interval: 200 })

  async function state(field: string): Promise<string> {
    const { stdout } = await compose('ps', '-q')
    return (await docker('inspect', '-f', `{{.State.${field}}}`, stdout.trim())).stdout.trim()
  }
})

/** The compose file as it is, but for a name, an image and a port of its own. */
function composeFor(port: string): string {
  return readFileSync(join(ROOT, 'compose.yaml'), 'utf8')
    .replace('context: .', `context: ${ROOT}`)
    .replace('image: antiphon', `image: ${NAME}`)
    .replace('127.0.0.1:8080:', `127.0.0.1:${port}:`)
}

const env = { ...process.env, PACKAGES: 'pino@10.4.0' }
const docker = (...words: readonly string[]) => run('docker', words, { env })

/** By Compose as a plugin of Docker or, where there is none, as a command. */
async function composed(folder: string, words: readonly string[]) {
  const all = ['-p', NAME, '-f', join(folder, 'compose.yaml'), ...words]
  const hasPlugin = await docker('compose', 'version').then(
    () => true,
    () => false,
  )
  return hasPlugin ? docker('compose', ...all) : run('docker-compose', all, { env })
}
