import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { post } from '../bench.ts'
import { openMcp } from './bench.ts'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}
const ACCEPTS = { accept: 'application/json, text/event-stream' }

/** A server, and requests of it as they are. */
async function openRaw(...settings: readonly string[]) {
  const bench = await openMcp(...settings)
  const token = await bench.key()
  const ask = async (headers: Record<string, string> = {}, body: unknown = INITIALIZE, method = 'POST') => {
    const asked = { ...ACCEPTS, authorization: `Bearer ${token}`, ...headers }
    const response = await fetch(bench.url, method === 'GET' ? { headers: asked } : post(JSON.stringify(body), asked))
    const text = await response.text()
    return { status: response.status, text, headers: response.headers }
  }
  return { ...bench, ask }
}

it('refuses pages of other origins, even with a key', async () => {
  const { ask, url } = await openRaw('serve: { origins: [https://app.example.com] }')
  expect((await ask()).status).toBe(200)
  for (const origin of ['https://evil.example.com', 'http://127.0.0.1:1', 'null']) {
    const { status, text } = await ask({ origin })
    expect([status, JSON.parse(text).code]).toEqual([403, 'wrong_origin'])
  }
  const allowed = await ask({ origin: 'https://app.example.com' })
  expect(allowed.status).toBe(200)
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
  expect((await ask({ origin: new URL(url).origin })).status).toBe(200)
})

it('refuses who has no key or a wrong one, a key without the scope, and other methods', async () => {
  const { ask, key } = await openRaw()
  const code = async (headers: Record<string, string>) => {
    const { status, text } = await ask(headers)
    return [status, JSON.parse(text).code]
  }
  expect(await code({ authorization: '' })).toEqual([401, 'unauthenticated'])
  expect(await code({ authorization: `Bearer ak_0123456789abcdef_${'x'.repeat(43)}` })).toEqual([
    401,
    'unauthenticated',
  ])
  expect(await code({ authorization: `Bearer ${await key('ada', ['run'])}` })).toEqual([403, 'scope_missing'])
  const get = await ask({}, undefined, 'GET')
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
})

it('offers a key only what its scopes allow', async () => {
  const { connect, key, runtime } = await openMcp()
  const names = async (...scopes: readonly ('run' | 'ask')[]) => {
    const { client, call } = await connect({ token: await key('ada', ['read', ...scopes]) })
    return { call, names: (await client.listTools()).tools.map(({ name }) => name) }
  }
  const reader = await names()
  expect(reader.names).toEqual([])
  await expect(reader.call('greet', { who: 'Ada' })).rejects.toMatchObject({
    ...{ code: -32_602, data: { code: 'unknown_tool' } },
  })
  expect((await names('ask')).names).toEqual(['ask'])
  expect((await names('run')).names).toEqual(['result', 'note', 'say', 'bug', 'greet'])
  expect(await runtime.runs.list()).toEqual([])
})

it('calls of tools come from the network', async () => {
  const { connect } = await openMcp('mcp: { serve: ["filesystem:read"] }', 'tools: { approve: none }')
  const { call } = await connect()
  expect(await call('filesystem_read', { path: 'greet.yaml' })).toMatchObject({
    isError: true,
    structuredContent: { error: { code: 'outside_root', hint: expect.stringContaining('from the network') } },
  })
})

it('files of runs are resources of their owner', async () => {
  const { connect, key, path, runtime } = await openMcp()
  const steps = [
    '  - { id: text, tool: "filesystem:write", location: out/a.md, parameters: { path: out/a.md, content: "# Ebb" } }',
  ]
  writeFileSync(path('files.yaml'), ['name: files', 'steps:', ...steps].join('\n'))
  const { id } = await runtime.runs.start({ file: path('files.yaml'), owner: 'ada' })
  for await (const _ of runtime.runs.events(id)) {
    // to its end
  }
  const { client } = await connect()
  const { resources } = await client.listResources()
  expect(resources).toMatchObject([{ uri: `antiphon://runs/${id}/artifacts/text`, name: 'a.md' }])
  const { uri } = resources[0]!
  expect(await client.readResource({ uri })).toMatchObject({ contents: [{ uri, text: '# Ebb' }] })
  expect((await client.listResourceTemplates()).resourceTemplates).toMatchObject([
    { uriTemplate: 'antiphon://runs/{run}/artifacts/{step}' },
  ])
  const bob = await connect({ token: await key('bob') })
  expect((await bob.client.listResources()).resources).toEqual([])
  for (const wrong of [
    uri,
    'antiphon://runs/none/artifacts/x',
    'file:///etc/passwd',
    `antiphon://runs/${id}/artifacts/%E0%A4%A`,
  ])
    await expect(bob.client.readResource({ uri: wrong })).rejects.toMatchObject({ code: -32_602 })
  expect(await bob.call('result', { run: id })).toMatchObject({
    isError: true,
    structuredContent: { error: { code: 'not_found' } },
  })
})

it('limits and the audit are those of the operations behind a call', async () => {
  const { connect, runtime } = await openMcp()
  const { call } = await connect()
  await call('greet', { who: 'Ada' })
  const audit = await runtime.access.audit.list()
  expect(audit.filter(({ route }) => route === '/mcp')).toEqual([])
  expect(audit).toMatchObject([{ owner: 'ada', route: '/v1/runs', status: 202, address: '127.0.0.1' }])
  const narrow = await openMcp('serve: { requests: { perSecond: 0.1, burst: 8 } }')
  const { client } = await narrow.connect()
  const results = Promise.all(Array.from({ length: 9 }, () => client.listTools()))
  await expect(results).rejects.toThrow(/[Tt]oo many/)
})

it('shows no form to a client whose key may not approve, and takes no answer from it', async () => {
  const { connect, key, runtime } = await openMcp(GATED)
  const asked: string[] = []
  const person = (params: { readonly message: string }) => {
    asked.push(params.message)
    return { action: 'accept', content: { action: 'approve' } }
  }
  const { call } = await connect({ token: await key('ada', ['read', 'run']), person: person as never })
  const result = await call('greet', {})
  expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: 'waiting' } } })
  const [item] = await runtime.inbox.list()
  expect(item).toMatchObject({ kind: 'approval' })
  expect(asked).toEqual([])
  const able = await connect({ token: await key('ada', ['read', 'run', 'approve']), person: person as never })
  expect(await able.call('greet', {})).not.toMatchObject({ isError: true })
  expect(asked).toHaveLength(1)
})

const GATED = 'name: greet\nsteps:\n  - { id: ok, tool: approval-gate, parameters: { title: Go on? } }\n'

it('opens tools of the program to calls over MCP that `mcp: serve` names, and to no others', async () => {
  const { connect, key, url, runtime } = await openMcp(
    'mcp: { serve: [say, greet.yaml] }',
    'name: greet\nsteps: [{ id: hello, tool: say, parameters: { letters: 2 } }]\noutputs: { said: "{{ hello.said }}" }',
  )
  const token = await key()
  const { call } = await connect({ token })
  expect(await call('say', { letters: 3 })).toMatchObject({ structuredContent: { said: 'xxx' } })
  expect(await call('greet', {})).toMatchObject({ structuredContent: { said: 'xx' } })
  const headers = { authorization: `Bearer ${token}` }
  const send = async (path: string, body: object) => {
    const response = await fetch(new URL(path, url), post(JSON.stringify(body), headers))
    return { status: response.status, ...((await response.json()) as { code?: string; hint?: string }) }
  }
  const source = { text: 'name: mine\nsteps: [{ id: a, tool: say, parameters: { letters: 3 } }]' }
  const refused = { status: 403, code: 'tool_closed', hint: expect.stringContaining('serve: { tools: [say] }') }
  expect(await send('/v1/tools/calls', { calls: [{ tool: 'say', parameters: { letters: 3 } }] })).toMatchObject(refused)
  expect(await send('/v1/runs', { source })).toMatchObject(refused)
  expect(await send('/v1/pipelines/validate', { source })).toMatchObject({ status: 200, valid: false })
  // the program has uploaded it
  await runtime.pipelines.put('mine', source, { owner: 'ada' })
  expect((await call('mine', {})).isError).not.toBe(true)
})
