import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readStateKey } from '../../../src/http/mcp/server.ts'
import { post } from '../bench.ts'
import { BOTH, GREET, openMcp, textOf } from './bench.ts'

describe.each(BOTH)('over HTTP, in the revision %s', (era) => {
  it('pipelines are tools, with their inputs', async () => {
    const { connect, runtime } = await openMcp()
    await runtime.pipelines.put('wave', { text: GREET.replace('greet', 'wave') }, { owner: 'ada' })
    await runtime.pipelines.put('other', { text: GREET }, { owner: 'bob' })
    const { client, call } = await connect({ era })
    expect(client.getProtocolEra()).toBe(era === 'auto' ? 'modern' : 'legacy')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['ask', 'result', 'note', 'say', 'bug', 'greet', 'wave'])
    expect(tools.find(({ name }) => name === 'greet')).toMatchObject({
      description: 'Greets by name',
      inputSchema: {
        properties: { who: { type: 'string', description: 'the name' }, loud: { type: 'boolean', default: false } },
        required: ['who'],
      },
    })
    for (const name of ['greet', 'wave']) {
      const result = await call(name, { who: 'Ada' })
      expect(result).toMatchObject({ structuredContent: { said: 'Hello Ada' } })
      expect([textOf(result), result.isError]).toEqual(['Hello Ada', undefined])
    }
  })

  it('a call is a run, and the same id is the same run', async () => {
    const { connect, key, runtime, log, noted } = await openMcp('tools: { approve: none }')
    const { call } = await connect({ era })
    const first = await call('note', { log, line: 'ebb' }, 'one')
    expect(first).toMatchObject({ structuredContent: { noted: 'ebb' } })
    expect(await call('note', { line: 'ebb', log }, 'one')).toEqual(first)
    expect(await call('note', { log, line: 'ebb' }, 'two')).not.toEqual(first)
    expect(noted()).toHaveLength(2)
    const runs = await runtime.runs.list()
    expect(runs).toMatchObject([{ owner: 'ada' }, { owner: 'ada', id: first._meta!['antiphon/run'] }])
    // an id belongs to its owner
    const other = await connect({ era, token: await key('bob') })
    expect(await other.call('note', { log, line: 'ebb' }, 'one')).not.toEqual(first)
  })

  it('a client that leaves ends its wait and not the run, and gets the result later', async () => {
    const { connect, path, followers, runtime } = await openMcp('mcp: { serve: [hold] }', 'tools: { approve: none }')
    const { client, call } = await connect({ era })
    const leaving = new AbortController()
    const held = { name: 'hold', arguments: { file: path('go') }, _meta: { 'antiphon/idempotency-key': 'one' } }
    const left = client.callTool(held, { signal: leaving.signal })
    await expect.poll(followers, { timeout: 10_000 }).toBe(1)
    leaving.abort()
    await expect(left).rejects.toThrow()
    // the older revision cancels by a message of its own, and keeps the connection
    if (era === 'auto') await expect.poll(followers, { timeout: 10_000 }).toBe(0)
    writeFileSync(path('go'), '')
    expect(await call('hold', { file: path('go') }, 'one')).toMatchObject({ structuredContent: { held: true } })
    expect(await runtime.runs.list()).toHaveLength(1)
  })

  it('errors are results, with their code, place and hint and no stack', async () => {
    const { connect } = await openMcp()
    const { call } = await connect({ era })
    expect(await call('greet', {})).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'input_required', place: { path: 'inputs.who', line: 4 } } },
    })
    expect(await call('say', { letters: 'many' })).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'invalid_input', place: { path: 'calls[0]' } } },
    })
    // no tool failed: this is an error of the protocol
    await expect(call('sya', {})).rejects.toMatchObject({
      ...{ code: -32_602, message: expect.stringContaining('There is no tool sya') },
      data: { code: 'unknown_tool', hint: 'Did you mean say?' },
    })
    const bug = await call('bug', {})
    expect(bug).toMatchObject({ isError: true, structuredContent: { error: { place: { step: 'call' } } } })
    expect(textOf(bug)).toContain('a bug in a tool')
    expect(JSON.stringify(bug)).not.toContain('tools.ts')
  })

  it('a result that is too large is an error that names its run', async () => {
    const { connect } = await openMcp()
    const { call } = await connect({ era })
    expect((await call('say', { letters: 1_000_000 })).isError).toBe(undefined)
    const result = await call('say', { letters: 1_100_000 })
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'response_too_large', hint: expect.stringMatching(/antiphon show run_/) } },
    })
  })

  it('a question is answered from texts', async () => {
    const { connect } = await openMcp()
    const { call } = await connect({ era })
    const texts = [{ name: 'ship.md', text: 'The ship leaves at noon. The cook is called Tom.' }]
    const result = await call('ask', { prompt: 'When does the ship leave?', texts }, 'one')
    expect(result).toMatchObject({
      structuredContent: { answer: expect.stringContaining('noon'), citations: [{ file: 'ship.md' }] },
    })
    expect(await call('ask', { prompt: 'When does the ship leave?', texts }, 'one')).toEqual(result)
    expect(await call('ask', { prompt: 7 })).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'invalid_input', place: { path: 'prompt' } } },
    })
  })
})

it('the arguments of a call keep the digits of long numbers, and null for an optional input is its default', async () => {
  const { url, key } = await openMcp()
  const call = '"method":"tools/call","params":{"name":"greet","arguments":{"who":9007199254740993,"loud":null}}'
  const headers = { authorization: `Bearer ${await key()}`, accept: 'application/json, text/event-stream' }
  const text = await (await fetch(url, post(`{"jsonrpc":"2.0","id":1,${call}}`, headers))).text()
  expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({
    result: { structuredContent: { said: 'Hello 9007199254740993' } },
  })
})

it('a client that asks for it gets the run of its call, and its progress', async () => {
  const { connect } = await openMcp()
  const { client } = await connect()
  const heard: (string | undefined)[] = []
  const result = await client.callTool(
    { name: 'greet', arguments: { who: 'Ada' } },
    { onprogress: ({ message }) => heard.push(message) },
  )
  expect(result).toMatchObject({ structuredContent: { said: 'Hello Ada' } })
  expect(heard[0]).toBe(`The run is ${result._meta!['antiphon/run']}.`)
})

it('the key that signs is for this user alone, and it stays', async () => {
  const { path } = await openMcp()
  const [first, second] = [readStateKey(path('.antiphon')), readStateKey(path('.antiphon'))]
  expect(first).toHaveLength(32)
  expect(second).toEqual(first)
  expect(statSync(path('.antiphon/mcp-key')).mode & 0o777).toBe(0o600)
  expect(readdirSync(path('.antiphon')).filter((name) => name.startsWith('mcp-key'))).toEqual(['mcp-key'])
})

it('a tool that cannot be called stays in the list and says why', async () => {
  const { connect, path } = await openMcp('mcp: { serve: [nothing, greet.yaml, gone.yaml] }')
  writeFileSync(path('greet.yaml'), 'name: greet\nsteps: [{ id: a, tool: unheard }]')
  const { client, call } = await connect()
  const tools = (await client.listTools()).tools.map(({ name, description }) => `${name}: ${description}`)
  expect(tools.slice(2)).toEqual([
    expect.stringMatching(/^nothing: It cannot be called now: there is no tool nothing/i),
    expect.stringMatching(/^greet: It cannot be called now: .*unheard/),
    'gone: It cannot be called now: gone.yaml cannot be read: it does not exist',
  ])
  for (const name of ['nothing', 'greet', 'gone']) expect(await call(name, {})).toMatchObject({ isError: true })
  writeFileSync(path('greet.yaml'), GREET)
  expect(await call('greet', { who: 'Ada' })).toMatchObject({ structuredContent: { said: 'Hello Ada' } })
})

it('an admin is offered its own uploads alone', async () => {
  const { connect, key, runtime } = await openMcp('mcp: { serve: [] }')
  for (const owner of ['ada', 'bob']) await runtime.pipelines.put(`of-${owner}`, { text: GREET }, { owner })
  const { client } = await connect({ token: await key('ada', ['admin']) })
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['ask', 'result', 'of-ada'])
})
