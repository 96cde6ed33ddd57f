import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createApp } from '../../src/http/server/app.ts'
import { identifyByKey } from '../../src/http/server/authenticate.ts'
import { serve } from '../../src/http/server/serve.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { scriptFor } from '../chain/fixture.ts'
import { PAGE, page } from './http.ts'

const run = promisify(execFile)
const written = readFileSync(PAGE, 'utf8')
const blocks = (language: string) =>
  [...written.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block]) => block!)

test('docs/http.md tells of every route as it is declared', () => {
  expect(page(), 'run: node test/docs/http.ts').toBe(written)
})

/** A server as `serve --listen` is one, and how a line of the page is run against it. */
async function openServer() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-http-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = {
    ...(await loadConfig({ folder, environment: {} })),
    embedder: 'none',
    model: 'scripted/model',
  } as const
  const runtime = await createRuntime(config, { models: { 'scripted/model': scriptedModel(scriptFor({})) } })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const app = createApp(runtime, { identify: identifyByKey(runtime.access) })
  const served = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const { token } = await runtime.access.keys.create({ name: 'me', owner: 'local', scopes: ['read', 'run', 'ask'] })
  const here = (text: string) => text.replaceAll('localhost:8080', `127.0.0.1:${served.port}`)
  return {
    folder,
    shell: async (block: string) =>
      (await run('bash', ['-c', here(block)], { env: { ...process.env, KEY: token } })).stdout,
    async program(block: string) {
      const client = JSON.stringify(new URL('../../src/client.ts', import.meta.url).href)
      const file = join(folder, 'program.mts')
      writeFileSync(file, here(block).replace("'antiphon/client'", client))
      return (await run(process.execPath, [file], { env: { ...process.env, KEY: token } })).stdout
    },
  }
}

test('the lines of the page do what it says', { timeout: 60_000 }, async () => {
  const { shell, program } = await openServer()
  const [begin, hello, ask, look, named, ...others] = blocks('sh')
  expect([begin, others]).toEqual([expect.stringContaining('serve --listen 8080'), []])
  expect(JSON.parse(await shell(hello!))).toEqual({ id: 'run_hello' })
  expect(JSON.parse(await shell(ask!))).toMatchObject({ thread: 'ships', status: 'completed' })
  const seen = await shell(look!)
  expect(seen).toContain('"type":"run-end","status":"completed"')
  expect(seen).toContain('"execution_id":"run_hello"')
  const twice = [await shell(named!), await shell(named!)].map((out) => out.slice(out.indexOf('{"id"')))
  expect(twice[0]).toMatch(/^\{"id":"run_/)
  expect(twice[1]).toBe(twice[0])
  const [written] = blocks('ts')
  expect(await program(written!)).toMatch(/^1\n2\n[\s\S]*said: 'Bob'/)
})
