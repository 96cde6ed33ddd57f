import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { type CallToolResult, type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { describe, expect, it } from 'vitest'
import { BOTH, connectClient, type Era, GREET, type Person, TOOLS } from '../http/mcp/bench.ts'
import { rawClient } from '../http/mcp/raw.ts'
import { linesIn } from '../tool/mcp/bench.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const APPROVE = { action: 'accept', content: { action: 'approve' } } as const

/** A project that serves, and clients of `antiphon mcp serve` in it. */
function openProject() {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', `plugins: [${TOOLS}]`, 'mcp: { serve: [note, say, greet.yaml, "filesystem:read"] }')
  bench.write('greet.yaml', GREET)
  const [command = '', ...first] = REAL.self
  return {
    ...bench,
    log: bench.path('log'),
    noted: () => linesIn(bench.path('log')),
    async connect(era: Era = 'auto', person?: Person) {
      const transport = new StdioClientTransport({
        command,
        args: [...first, 'mcp', 'serve'],
        cwd: bench.folder,
        stderr: 'pipe',
        env: { ...(process.env as { [name: string]: string }) },
      })
      return { ...(await connectClient(transport, era, person)), pid: transport.pid! }
    },
  }
}

const calling = (client: Client) => (input: object, more: object) =>
  client.callTool({ name: 'note', arguments: { ...input }, ...more } as never, { allowInputRequired: true }) as Promise<
    CallToolResult & { readonly requestState: string }
  >

describe.each(BOTH)('mcp serve, in the revision %s', (era) => {
  it('serves pipelines and tools as the user of the folder, and hands forms to the person at the client', async () => {
    const { connect, path, log, noted } = openProject()
    const { client, call } = await connect(era, () => APPROVE)
    expect(client.getProtocolEra()).toBe(era === 'auto' ? 'modern' : 'legacy')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['ask', 'result', 'note', 'say', 'filesystem_read', 'greet'])
    expect(await call('greet', { who: 'Ada' })).toMatchObject({ structuredContent: { said: 'Hello Ada' } })
    expect(await call('filesystem_read', { path: 'greet.yaml' })).toMatchObject({
      structuredContent: { content: GREET },
    })
    // the files of antiphon are closed to calls that a model may have chosen
    expect(await call('filesystem_read', { path: path('antiphon.yaml') })).toMatchObject({ isError: true })

    const first = await call('note', { log, line: 'ebb' }, 'one')
    expect(first).toMatchObject({ structuredContent: { noted: 'ebb' } })
    expect(await call('note', { log, line: 'ebb' }, 'one')).toEqual(first)
    expect(noted()).toHaveLength(1)
  })
})

/** A tool that prints wherever it can. */
const LOUD = [
  `console.log('at load')`,
  `const input = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }`,
  `export default { name: 'loud', description: 'prints', effect: 'pure', input, execute(given) {`,
  `  console.log('in a call'); setTimeout(() => process.stdout.write('later\\n')); return { got: given, none: null } } }`,
]

it('mcp serve ends with stdin, writes nothing but messages, and keeps the digits of long numbers', async () => {
  const { folder, write } = openProject()
  write('antiphon.yaml', 'plugins: [loud.mjs]', 'mcp: { serve: [loud, book.yaml] }')
  write('loud.mjs', ...LOUD)
  write(
    'book.yaml',
    'name: book',
    'inputs: { id: { type: string, required: true }, note: { type: string, default: none }, all: { type: array, default: [] } }',
    'steps: [{ id: said, tool: echo, parameters: { action: "{{ id }}" } }]',
    'outputs: { id: "{{ id }}", note: "{{ note }}", all: "{{ all }}" }',
  )
  const [command = '', ...first] = REAL.self
  const child: ChildProcess = spawn(command, [...first, 'mcp', 'serve'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text))
  const ask = async (message: string) => {
    const before = out.length
    child.stdin!.write(`${message}\n`)
    await expect.poll(() => out.slice(before)).toContain('\n')
    return JSON.parse(out.slice(before))
  }
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  await ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }))
  const call = (name: string, input: string) =>
    ask(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"${name}","arguments":${input}}}`)
  const long = '9007199254740993'
  const loud = await call('loud', `{"id":${long},"text":"line\u2028break","none":null}`)
  expect(loud.result.structuredContent).toEqual({ got: { id: long, text: 'line\u2028break', none: null }, none: null })
  const book = await call('book', `{"id":${long},"note":null,"all":[${long},1]}`)
  expect(book.result.structuredContent).toEqual({ id: long, note: 'none', all: [long, 1] })
  child.stdin!.end()
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  for (const line of out.trimEnd().split('\n')) expect(JSON.parse(line).jsonrpc).toBe('2.0')
})

describe('after kill -9 of a server whose call waits for a person', () => {
  it('over stdio, another process approves, and the same state and the same id get the result', async () => {
    const { connect, run, log, noted } = openProject()
    const first = await connect('auto', () => APPROVE)
    const input = { log, line: 'ebb' }
    const named = { _meta: { 'antiphon/idempotency-key': 'one' } }
    const { requestState } = await calling(first.client)(input, named)
    process.kill(first.pid, 'SIGKILL')
    expect(noted()).toEqual([])
    const [item] = JSON.parse((await run('inbox', '--json')).out) as [{ run: string }]
    expect(await run('signal', item.run, 'approve_call', 'approve')).toMatchObject({ code: 0 })
    const second = await connect('auto', () => APPROVE)
    const result = await calling(second.client)(input, { requestState, ...named })
    expect(result).toMatchObject({ structuredContent: { noted: 'ebb' }, _meta: { 'antiphon/run': item.run } })
    expect(await second.call('note', input, 'one')).toEqual(result)
    expect(noted()).toHaveLength(1)
  })

  it('over HTTP, a link approves, and the same state and the same id get the result', async () => {
    const { start, run, log, noted, owner } = openProject()
    const serve = async () => {
      const serving = start(['serve', '--listen', '0'])
      await serving.said('use it now')
      return serving
    }
    const listening = () => (owner() as { readonly url?: string }).url!
    const firstServer = await serve()
    const { out } = await run('keys', 'api', 'create', 'mcp', '--scope', 'read,run,approve', '--json')
    const { token } = JSON.parse(out) as { token: string }
    const connect = () => {
      const requestInit = { headers: { authorization: `Bearer ${token}` } }
      const transport = new StreamableHTTPClientTransport(new URL('/mcp', listening()), { requestInit })
      return connectClient(transport, 'auto', () => APPROVE)
    }
    const input = { log, line: 'ebb' }
    const named = { _meta: { 'antiphon/idempotency-key': 'one' } }
    const first = await connect()
    const { requestState } = await calling(first.client)(input, named)
    firstServer.child.kill('SIGKILL')
    await firstServer.ended
    const [item] = JSON.parse((await run('inbox', '--json')).out) as [{ run: string }]
    await serve()
    const link = await fetch(new URL(`/v1/runs/${item.run}/links`, listening()), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ signal: 'approve_call', kind: 'approval' }),
    })
    const { url } = (await link.json()) as { url: string }
    const body = new URLSearchParams({ action: 'approve' })
    expect((await fetch(new URL(url, listening()), { method: 'POST', body })).status).toBe(200)
    const second = await connect()
    const result = await calling(second.client)(input, { requestState, ...named })
    expect(result).toMatchObject({ structuredContent: { noted: 'ebb' }, _meta: { 'antiphon/run': item.run } })
    expect(await second.call('note', input, 'one')).toEqual(result)
    expect(noted()).toHaveLength(1)
    expect(existsSync(log)).toBe(true)
  })
})

it('after kill -9 of the server, tasks are read, answered and cancelled, and each call is made once', async () => {
  const { start, run, write, path, log, noted, owner } = openProject()
  write('antiphon.yaml', `plugins: [${TOOLS}]`, 'mcp: { serve: [hold, late.yaml] }', 'tools: { approve: none }')
  write(
    'late.yaml',
    'name: late',
    'steps:',
    `  - { id: wait, tool: hold, parameters: { file: ${path('go')} } }`,
    '  - { id: line, tool: user-prompt, dependencies: [wait], parameters: { prompt: Which line?, context: api } }',
    `  - { id: note, tool: note, parameters: { log: ${log}, line: "{{ line.value }}" } }`,
    'outputs: { noted: "{{ note.noted }}" }',
  )
  const serve = async () => {
    const serving = start(['serve', '--listen', '0'])
    await serving.said('use it now')
    return { ...serving, url: new URL('/mcp', (owner() as { readonly url?: string }).url) }
  }
  const first = await serve()
  const { token } = JSON.parse((await run('keys', 'api', 'create', 'mcp', '--scope', 'read,run,approve', '--json')).out)
  const before = rawClient(first.url, token)
  const [late, held] = await Promise.all([
    before.call('late', {}, 'one'),
    before.call('hold', { file: path('never') }, 'two'),
  ])
  expect([late.status, held.status]).toEqual(['working', 'working'])
  first.child.kill('SIGKILL')
  await first.ended
  const second = await serve()
  const { ask, get, until } = rawClient(second.url, token)
  expect(await get(held.taskId)).toMatchObject({ status: 'working', taskId: held.taskId })
  await ask('tasks/cancel', { taskId: held.taskId })
  await until(held.taskId, 'cancelled')
  writeFileSync(path('go'), '')
  const asking = await until(late.taskId, 'input_required')
  const [key] = Object.keys(asking.inputRequests as object) as [string]
  second.child.kill('SIGKILL')
  await second.ended
  const third = rawClient((await serve()).url, token)
  const answer = { taskId: late.taskId, inputResponses: { [key]: { action: 'accept', content: { value: 'ebb' } } } }
  await third.ask('tasks/update', answer)
  await third.ask('tasks/update', answer)
  const done = await third.until(late.taskId, 'completed')
  expect(done).toMatchObject({ result: { structuredContent: { noted: 'ebb' } } })
  expect(await third.call('late', {}, 'one')).toMatchObject({ structuredContent: { noted: 'ebb' } })
  expect(noted()).toHaveLength(1)
})

it('mcp serve works beside the process that owns the folder, and goes on when that one ends', async () => {
  const { start, connect, owner, log, noted } = openProject()
  const serving = start(['serve'])
  await serving.said('use it now')
  const { call, pid } = await connect('auto', () => APPROVE)
  expect(await call('note', { log, line: 'ebb' })).toMatchObject({ structuredContent: { noted: 'ebb' } })
  expect(noted()).toHaveLength(1)
  serving.child.kill('SIGKILL')
  await serving.ended
  const again = await Promise.all([call('greet', { who: 'Bob' }), call('greet', { who: 'Eve' })])
  expect(again).toMatchObject([
    { structuredContent: { said: 'Hello Bob' } },
    { structuredContent: { said: 'Hello Eve' } },
  ])
  expect(owner()!.pid).toBe(pid)
})

it('a step of another project asks its own inbox for the approval of a call', async () => {
  const { folder, log, noted } = openProject()
  const other = openBench(REAL)
  const [command = '', ...first] = REAL.self
  const server = { command, args: [...first, 'mcp', 'serve'], cwd: folder }
  other.write('antiphon.yaml', `mcpServers: { peer: ${JSON.stringify(server)} }`)
  other.write(
    'p.yaml',
    'name: p',
    `steps: [{ id: far, tool: "peer:note", parameters: { log: ${log}, line: ebb } }]`,
    'outputs: { noted: "{{ far.data.noted }}" }',
  )
  const running = other.start(['run', 'p.yaml'])
  await running.said('waits: peer:note asks: Call note?')
  running.child.kill('SIGKILL')
  await running.ended
  expect(noted()).toEqual([])
  const [{ run }] = JSON.parse((await other.run('inbox', '--json')).out) as [{ run: string }]
  expect(await other.run('signal', run, 'far', '{"q1": "approve"}')).toMatchObject({ code: 0 })
  expect(await other.run('resume', run)).toMatchObject({ code: 0, out: 'noted: ebb\n' })
  expect(noted()).toHaveLength(1)
})
