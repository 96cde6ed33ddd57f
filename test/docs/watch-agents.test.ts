import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defineAgent } from '../../src/index.ts'
import { makeProject, startIn } from '../http/program/programs.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/how-to/watch-agents.md'), 'utf8')
const KEYS = {
  LANGFUSE_PUBLIC_KEY: 'pk-1',
  LANGFUSE_SECRET_KEY: 'sk-1',
  SENTRY_HOST: 'o1.ingest.sentry.example',
  SENTRY_PROJECT: '42',
  SENTRY_KEY: 'abc',
  BRAINTRUST_API_KEY: 'bt-1',
  BRAINTRUST_PROJECT: 'desk',
}

/** The variables that the lines of a section set. */
function variablesOf(service: string): { readonly [name: string]: string } {
  const [, section = ''] = PAGE.split(`## ${service}\n`)
  const [, block = ''] = /```sh\n(.*?)```/s.exec(section) ?? []
  const lines = block.trim().split('\n')
  expect(lines.length).toBeLessThanOrEqual(5)
  expect([lines[0], lines.at(-1)]).toEqual([expect.stringContaining('npm install'), 'node server.mts'])
  const print = `"${process.execPath}" -p 'JSON.stringify(process.env)'`
  const script = [...lines.slice(1, -1), print].join('\n')
  const env = { PATH: process.env.PATH, ...KEYS }
  const all = JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8', env })) as { [name: string]: string }
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('OTEL_')))
}

test.each([
  [
    'Langfuse',
    '/api/public/otel/v1/traces',
    { authorization: `Basic ${btoa('pk-1:sk-1')}`, 'x-langfuse-ingestion-version': '4' },
  ],
  ['Sentry', '/api/42/integration/otlp/v1/traces', { 'x-sentry-auth': 'sentry sentry_key=abc' }],
  ['Braintrust', '/otel/v1/traces', { authorization: 'Bearer bt-1', 'x-bt-parent': 'project_name:desk' }],
])('the lines for %s send the spans of an agent to its path, with its headers', async (service, path, headers) => {
  const got: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }[] = []
  const server = createServer(async (request, response) => {
    got.push({ url: request.url, headers: request.headers, body: await text(request) })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const [name, value] of Object.entries(variablesOf(service)))
    vi.stubEnv(name, value.replace(/^https:\/\/[^/]+/, `http://127.0.0.1:${port}`))
  const agent = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one' })
  const app = await startIn(await makeProject(), [{ reply: 'planted' }], { agents: [agent] })
  await app.conversation(agent, 'lamp', { owner: 'ann' }).send('Hi.')
  await app.stop()
  expect(got.map(({ url }) => url)).toContain(path)
  expect(new Set(got.map(({ url }) => url))).toEqual(new Set([path]))
  for (const one of got) expect(one.headers).toMatchObject({ ...headers, 'content-type': 'application/json' })
  const sent = got.map(({ body }) => body).join('\n')
  for (const wanted of ['invoke_agent support', 'gen_ai.conversation.id', 'ann:lamp']) expect(sent).toContain(wanted)
  expect(sent).not.toContain('planted')
})
