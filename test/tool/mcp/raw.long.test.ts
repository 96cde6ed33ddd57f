import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openServer, stdio } from './bench.ts'

const RAW = fileURLToPath(new URL('./raw-fixture.ts', import.meta.url))

it('lines that are not messages are skipped, with one notice', async () => {
  const { call, heard } = openServer(stdio(RAW))
  expect(await call('echo', { a: 1 })).toMatchObject({ text: '{"a":1}' })
  expect(heard.filter((line) => line.includes('not a message'))).toEqual([
    'The MCP server fix wrote a line to its standard output that is not a message. antiphon skips such lines: listening on port 80',
  ])
})

it('parts of an unknown kind leave the rest of a result whole', async () => {
  const { call } = openServer(stdio(RAW))
  expect(await call('film')).toEqual({
    text: 'seen',
    data: null,
    content: [
      { type: 'video', note: expect.stringContaining('does not know'), text: '{"type":"video","data":"AAAA"}' },
      { type: 'image', note: expect.stringContaining('does not know'), text: '{"type":"image","data":"no type"}' },
    ],
  })
  expect(await call('list')).toEqual({ text: 'two', data: [1, 2], content: [] })
})

it('a data URL in the place of base64 is read', async () => {
  const { call } = openServer(stdio(RAW))
  expect((await call('urls')).content).toMatchObject([
    { type: 'image', mime: 'image/png', size: 3 },
    { type: 'image', mime: 'image/jpeg', size: 3 },
    { type: 'resource', mime: 'text/plain', size: 3 },
    { type: 'image', note: expect.stringContaining('does not know') },
  ])
})

it('a line that is not UTF-8 keeps its letters, with a notice', async () => {
  const { call, heard } = openServer(stdio(RAW))
  expect(await call('latin')).toMatchObject({ text: 'Zürich' })
  expect(await call('latin', {}, { key: 'call-2' })).toMatchObject({ text: 'Zürich' })
  expect(heard.filter((line) => line.includes('windows-1252'))).toEqual([
    expect.stringContaining('A line of the MCP server fix was read as windows-1252'),
  ])
})

it('a call carries the arguments as they were given, in their order', async () => {
  const { call } = openServer(stdio(RAW))
  const given = '{"z":null,"constructor":"c","__proto__":"p","a":{"toString":1,"__proto__":2}}'
  expect((await call('echo', JSON.parse(given))).text).toBe(given)
})

it('a result of another form is refused in plain words', async () => {
  const { servers, context } = openServer(stdio(RAW))
  await expect((await servers()).find('fix').read('a', context.signal)).rejects.toMatchObject({
    code: 'bad_response',
    message:
      'The MCP server fix sent something other than a message of the protocol: Invalid result for resources/read: contents: expected a list',
  })
})

/** Results that are not those of a tool, and what the error says about each. */
const BAD_RESULTS: readonly (readonly [result: unknown, fault: string])[] = [
  ...[null, [], 'hello', '', 0, true].map(
    (one) => [one, `the result: expected an object, got ${JSON.stringify(one)}`] as const,
  ),
  [{ content: 5 }, 'content[0]: expected an object with a `type`, got 5'],
  [{ content: {} }, 'content[0]: expected an object with a `type`, got {}'],
  [{ content: [null] }, 'content[0]: expected an object with a `type`, got null'],
  [{ content: [{ type: 'text', text: 'a' }, 'b'] }, 'content[1]: expected an object with a `type`, got "b"'],
  [{ content: [{ text: 'a' }] }, 'content[0]: expected an object with a `type`, got {"text":"a"}'],
  [{ content: [{ type: 'text' }] }, 'content[0].text: expected a text, got nothing'],
  [{ content: [{ type: 'text', text: 5 }] }, 'content[0].text: expected a text, got 5'],
]

it('a call with a result that is not one of a tool was made, unless it says otherwise', async () => {
  const { call } = openServer(stdio(RAW))
  await call('echo')
  for (const [result, fault] of BAD_RESULTS)
    for (const effect of ['idempotent', 'at-most-once'] as const)
      await expect(call('given', { result } as never, { effect }), fault).rejects.toMatchObject({
        code: 'bad_result',
        message: `The call of fix:given was made; its result does not fit: ${fault}.`,
      })
  const isBad = { isError: true, content: 5 }
  await expect(call('given', { result: isBad } as never, { effect: 'idempotent' })).rejects.toMatchObject({
    code: 'bad_response',
    message: expect.stringContaining('content[0]: expected an object with a `type`, got 5'),
  })
})

it('a call whose result does not say whether it failed may have acted', async () => {
  const { call } = openServer(stdio(RAW))
  await call('echo')
  for (const isError of ['yes', 1, 0, {}, ['true']]) {
    const result = { isError, content: [] }
    await expect(call('given', { result } as never, { effect: 'idempotent' })).rejects.toMatchObject({
      code: 'bad_response',
      message: `The call of fix:given got an answer other than the result of a tool: isError: expected true or false, got ${JSON.stringify(isError)}`,
    })
    await expect(call('given', { result } as never)).rejects.toMatchObject({ name: 'UnknownError' })
  }
})

it('a result without content is empty, and its other fields stay', async () => {
  const { call } = openServer(stdio(RAW))
  const empty = { text: '', data: null, content: [] }
  for (const result of [{}, { isError: false }, { content: null, _meta: { a: 1 } }, { content: [], isError: 'false' }])
    expect(await call('given', { result } as never)).toEqual(empty)
  expect(await call('given', { result: { answer: 42 } })).toEqual({ ...empty, answer: 42 })
  expect(await call('given', { result: { structuredContent: [1] } })).toEqual({ ...empty, data: [1] })
})

it('a result in another form than the protocol wants loses nothing', async () => {
  const { call } = openServer(stdio(RAW))
  expect(await call('plain')).toEqual({ text: 'a text', data: null, content: [], total: 7 })
  expect((await call('link')).content).toEqual([
    { type: 'resource_link', uri: 'file:///a', name: 'a', description: 'The report', size: 5 },
  ])
  expect(await call('marked')).toMatchObject({ text: 'marked' })
  await expect(call('refusal')).rejects.toMatchObject({ message: 'fix:refusal reports a failure: {"code":"E42"}' })
  const refusal = { isError: true, structuredContent: { code: 'E42', at: [1] } }
  for (const [text, message] of [
    ['No such ticket.', 'fix:given reports a failure: No such ticket. {"code":"E42","at":[1]}'],
    // most servers say it twice
    ['{ "code": "E42", "at": [1] }', 'fix:given reports a failure: { "code": "E42", "at": [1] }'],
  ])
    await expect(call('given', { result: { ...refusal, content: [{ type: 'text', text }] } })).rejects.toMatchObject({
      message,
    })
  await expect(call('details')).rejects.toMatchObject({
    message: 'The MCP server fix refuses: Invalid params {"path":"a","wanted":"a date"}',
  })
})

it('one odd tool does not hide the others, and a notice names a tool that cannot be called', async () => {
  const { call, heard, servers, context } = openServer(stdio(RAW))
  expect(await call('no_schema', { a: 1 })).toMatchObject({ text: '{"a":1}' })
  expect(await call('no_type')).toMatchObject({ text: '{}' })
  expect(await (await servers()).find('fix').pins(context.signal)).toMatchObject({
    no_schema: { description: '', input: { type: 'object' } },
    no_type: { input: { properties: { a: true } } },
  })
  expect(heard.filter((line) => line.includes('cannot be called'))).toEqual([
    expect.stringContaining('Tools of the MCP server fix that cannot be called here: "two words".'),
  ])
})

it('a reply in another form than one line of a message is read if it is whole', async () => {
  const { call, heard } = openServer(stdio(RAW))
  for (const tool of ['behind', 'between', 'joined', 'pretty', 'tabs', 'bare', 'old', 'logged'])
    expect(await call(tool), tool).toMatchObject({ text: tool })
  expect(heard.filter((line) => line.includes('antiphon reads it'))).toEqual([
    expect.stringContaining('in an unexpected form. antiphon reads it anyway: info: ready {"jsonrpc"'),
  ])
})

it('a reply that cannot be read fails its call at once, and the outcome of the call is unknown', async () => {
  const { call } = openServer(stdio(RAW))
  await call('echo')
  const says = /The MCP server fix sent a reply that is not a message of the protocol: (\{ *"(jsonrpc|id)"|a line that)/
  const message = expect.stringMatching(says)
  await Promise.all(
    ['nan', 'quoted', 'outcome', 'more', 'bytes', 'lines'].map(async (tool) => {
      const repeated = call(tool, {}, { effect: 'idempotent' })
      await expect(repeated, tool).rejects.toMatchObject({ code: 'bad_response', message })
      await expect(call(tool), tool).rejects.toMatchObject({ name: 'UnknownError', message })
    }),
  )
  expect(await call('echo', { a: 1 })).toMatchObject({ text: '{"a":1}' })
})

it('an error without an id fails the only request in flight', async () => {
  const { call } = openServer(stdio(RAW))
  await expect(call('nameless')).rejects.toMatchObject({ message: 'The MCP server fix refuses: Parse error' })
})

it('a result keeps the digits of long numbers, and so do the arguments of a call', async () => {
  const { call } = openServer(stdio(RAW))
  const long = '9007199254740993'
  expect(await call('long')).toMatchObject({ text: `{"id":${long}}`, data: { id: long, all: [long] } })
  expect((await call('typed', { id: long, name: long, none: null })).text).toBe(
    `{"id":${long},"name":"${long}","none":null}`,
  )
})
