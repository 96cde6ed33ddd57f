import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import type { RunDocument } from '../../src/run/document.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { secretForms } from '../../src/secret/redaction.ts'
import { FIXTURE } from './mcp/bench.ts'

/** A step, the code of its error, and what its message and its hint say. */
type Bad = { readonly step: string; readonly code: string; readonly message: RegExp; readonly hint: RegExp }

/** A secret that each request carries, and that nothing may tell. */
const PLANTED = `t"k?${randomBytes(18).toString('base64url')}`

const get = (url: string, more = '') =>
  `tool: "http-client:get", parameters: { url: "${url}", headers: { x-key: "secret://planted" }${more} }`
const address = (url: string, message: RegExp): Bad => ({
  step: get(url),
  code: 'address_refused',
  message,
  hint: /web: \{ (?:allow|ports): \[/,
})

const TABLE: { readonly [name: string]: Bad } = {
  'a file as a URL': {
    ...address('file:///etc/passwd', /^file:.* is closed: expected http/),
    hint: /the tool filesystem/,
  },
  'another scheme': { ...address('ftp://example.org/', /^ftp:.* is closed/), hint: /the tool filesystem/ },
  'a loopback address': address('http://127.0.0.1/', /is a loopback address\.$/),
  'a private address': address('http://10.0.0.1/', /is a private address\.$/),
  'a link-local address': address('http://169.254.1.1/', /is a link-local address\.$/),
  'the metadata service': address('http://[::ffff:a9fe:a9fe]/', /is a metadata address\.$/),
  'carrier-grade NAT': address('http://100.64.0.1/', /is a carrier-grade NAT address\.$/),
  'a multicast address': address('http://224.0.0.1/', /is a multicast address\.$/),
  'a reserved address': address('http://240.0.0.1/', /is a reserved address\.$/),
  'a closed port': address('http://example.org:22/', /port 22 is closed\.$/),
  'a user in a URL': {
    step: get('http://me:pass@example.org/'),
    code: 'invalid_input',
    message: /without a user name and a password/,
    hint: /secret:\/\/NAME/,
  },
  'no URL': {
    step: get('example'),
    code: 'invalid_input',
    message: /^Expected a URL such as/,
    hint: /the whole address/,
  },
  'a response that is too large': {
    step: get('FRONT/large', ', max_bytes: 1000'),
    code: 'response_too_large',
    message: /1000 bytes/,
    hint: /max_bytes/,
  },
  'a response that repeats a secret': {
    step: get('FRONT/refused'),
    code: 'http_status',
    message: /answers 403/,
    hint: /fail_on_status/,
  },
  'a response that is too slow': {
    step: get('FRONT/never', ', timeout: 0.2'),
    code: 'timeout',
    message: /did not answer within 0\.2 s/,
    hint: /timeout/,
  },
  'a search without a service': {
    step: 'tool: "web-search:search", parameters: { query: tide }',
    code: 'search_missing',
    message: /No search service/,
    hint: /search: \{ backend/,
  },
  'Python where no sandbox can run': {
    step: 'tool: python-executor, parameters: { code: "1" }',
    code: 'sandbox_missing',
    message: /`sandbox: \{ use \}` names none/,
    hint: /sandbox: \{ use: \[bubblewrap\] \}/,
  },
  'an operation that the server does not have': {
    step: 'tool: "fix:absent"',
    code: 'unknown_tool',
    message: /The MCP server fix has no tool absent/,
    hint: /antiphon mcp tools fix/,
  },
  'an operation that changed since it was pinned': {
    step: 'tool: "changed:note", parameters: { line: ebb }',
    code: 'mcp_tool_changed',
    message: /description: "Writes nothing" → "Writes a line"/,
    hint: /antiphon mcp trust changed/,
  },
  'a page instead of messages': {
    step: 'tool: "page:x"',
    code: 'bad_response',
    message: /The MCP server page sent something other than a message of the protocol/,
    hint: /Check that `url` or `command` names an MCP server\./,
  },
  'a server that is not configured': {
    step: 'tool: "mcp-server:execute_tool", parameters: { server_name: other, tool_name: x, tool_params: {} }',
    code: 'unknown_server',
    message: /There is no MCP server other/,
    hint: /mcpServers/,
  },
  'a server whose program does not exist': {
    step: 'tool: "gone:x"',
    code: 'mcp_unreachable',
    message: /The MCP server gone cannot start: there is no program no-such-program/,
    hint: /Install it, or correct `command`\./,
  },
  'a server that writes no JSON': {
    step: 'tool: "junk:junk"',
    code: 'bad_response',
    message: /The MCP server junk wrote 100 lines in a row that are not messages/,
    hint: /Its log belongs on stderr/,
  },
  'a server that writes 100 MB': {
    step: 'tool: "huge:huge"',
    code: 'response_too_large',
    message: /The MCP server huge sent a message of more than/,
    hint: /Ask the server for less\./,
  },
}

let folder: string
let document: RunDocument
const ids = Object.fromEntries(Object.keys(TABLE).map((name, index) => [name, `s${index}`]))
const told: string[] = []
const front = createServer((request, response) => {
  if (request.url === '/large') response.end('x'.repeat(2000))
  if (request.url === '/refused') response.writeHead(403).end(`no: ${request.headers['x-key']}`)
  if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>')
})

beforeAll(async () => {
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.2', resolve))
  const { port } = front.address() as AddressInfo
  folder = mkdtempSync(join(tmpdir(), 'antiphon-bad-'))
  const server = (command = process.execPath) => ({ command, args: [FIXTURE], effects: 'idempotent' })
  const settings = {
    sandbox: { use: [] },
    web: { allow: ['127.0.0.2'], ports: [port] },
    mcpServers: {
      fix: server(),
      junk: server(),
      huge: server(),
      gone: server('no-such-program'),
      changed: server(),
      page: { url: `http://127.0.0.2:${port}/page`, effects: 'idempotent' },
    },
  }
  const note = { description: 'Writes nothing', input: { type: 'object' } }
  writeFileSync(join(folder, 'mcp.lock.json'), JSON.stringify({ version: 1, servers: { changed: { note } } }))
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(settings))
  const steps = Object.entries(TABLE).map(
    ([name, { step }]) => `  - { id: ${ids[name]}, ${step}, retry: 0, on_failure: continue }`,
  )
  writeFileSync(
    join(folder, 'bad.yaml'),
    `name: bad\nsteps:\n${steps.join('\n').replaceAll('FRONT', `http://127.0.0.2:${port}`)}\n`,
  )
  const environment = { PATH: process.env.PATH, ANTIPHON_SECRET_PLANTED: PLANTED }
  const config = await loadConfig({ folder, environment })
  const runtime = await createRuntime({ ...config, embedder: 'none' }, { notice: (line) => told.push(line) })
  const { id } = await runtime.runs.start({ file: join(folder, 'bad.yaml') })
  await runtime.idle()
  document = await runtime.runs.get(id)
  await runtime.stop()
}, 120_000)
afterAll(() => {
  front.closeAllConnections()
  front.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a step with bad input fails with a code, a message and a hint, and no stack', () => {
  test.each(Object.entries(TABLE))('%s', (name, { code, message, hint }) => {
    const step = document.steps[ids[name]!]!
    expect(step).toMatchObject({ status: 'failed', error_code: code })
    expect(step.error).toMatch(message)
    expect(step.error_hint).toMatch(hint)
    expect(step).not.toHaveProperty('error_stack')
    expect(JSON.stringify(step)).not.toMatch(/\\n\s+at |node:internal|\.ts:\d/)
  })
})

test('a secret that the requests carry is found in no file and no message', () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const kept = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
  const all = [...kept, ...told, JSON.stringify(document)]
  expect(kept.some((text) => text.includes('[redacted]'))).toBe(true)
  expect(secretForms(PLANTED).filter((form) => all.some((text) => text.includes(form)))).toEqual([])
})
