import { createInterface } from 'node:readline'

/** A server by hand: it prints log lines between its messages, and its tools and results have parts that no revision knows. */
const send = (message: object) =>
  // `@` stands for a number that JavaScript cannot write
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message }).replaceAll('"@"', '9007199254740993')}\n`)

const RESULTS: { readonly [tool: string]: object } = {
  film: {
    content: [
      { type: 'text', text: 'seen' },
      { type: 'video', data: 'AAAA' },
      { type: 'image', data: 'no type' },
    ],
  },
  urls: {
    content: [
      { type: 'image', data: 'data:image/png;base64,UE5H', mimeType: 'image/png' },
      { type: 'image', data: 'data:image/jpeg;base64,SlBH' },
      { type: 'resource', resource: { uri: 'a:b', blob: 'data:text/plain,J%20P' } },
      { type: 'image', data: 'data:image/png;base64,%%' },
    ],
  },
  list: { content: [{ type: 'text', text: 'two' }], structuredContent: [1, 2] },
  plain: { content: 'a text', isError: null, total: 7, _meta: null },
  link: { content: [{ type: 'resource_link', uri: 'file:///a', name: 'a', description: 'The report', size: 5 }] },
  long: { content: [{ type: 'text', text: '{"id":9007199254740993}' }], structuredContent: { id: '@', all: ['@'] } },
  refusal: { isError: 'true', content: [], structuredContent: { code: 'E42' } },
}

/** Descriptions as hand-written servers have them. */
const ODD_TOOLS: readonly object[] = [
  { name: 'no_schema', description: null, outputSchema: null, annotations: { title: null } },
  { name: 'no_type', inputSchema: { properties: { a: true } } },
  { name: 'typed', inputSchema: { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } } } },
  { name: 'two words', inputSchema: { type: 'object' } },
]

/** Replies in other forms than one line of a message, by the name of their tool; each gets the id of its request. */
const ODD_REPLIES: { readonly [tool: string]: (id: number) => string } = {
  behind: (id) => `info: ready ${reply(id, 'behind')}\n`,
  between: (id) => `[1] sent ${reply(id, 'between')} in 3 ms\n`,
  joined: (id) =>
    `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: '' } })}${reply(id, 'joined')}\n`,
  pretty: (id) => `${JSON.stringify(JSON.parse(reply(id, 'pretty')), null, 2)}\n`,
  tabs: (id) => `${JSON.stringify(JSON.parse(reply(id, 'tabs')), null, '\t').replaceAll('\n', '\r\n')}\r\n`,
  bare: (id) => `${JSON.stringify({ id, result: textResult('bare') })}\n`,
  old: (id) => `${JSON.stringify({ id: String(id), result: textResult('old'), error: null, jsonrpc: '1.0' })}\n`,
  logged: (id) => `sent {"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"te...\n${reply(id, 'logged')}\n`,
}

/** Replies that cannot be read. */
const BROKEN_REPLIES: { readonly [tool: string]: (id: number) => string | Buffer } = {
  nan: (id) => `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":{"x":NaN}}}\n`,
  quoted: (id) => `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"a "b" c"}]}}\n`,
  outcome: (id) => `{"jsonrpc":"2.0","id":${id}}\n`,
  more: (id) => `{"id":${id},"result":{"content":[]},"took":3}\n`,
  bytes: (id) =>
    Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"\x81"}]}}\n`, 'latin1'),
  nameless: () => `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}\n`,
  lines: (id) => `{\n  "jsonrpc": "2.0",\n  "id": ${id},\n  "result": { "x": NaN }\n}\n`,
}

const RAW = { ...ODD_REPLIES, ...BROKEN_REPLIES }

const textResult = (text: string) => ({ content: [{ type: 'text', text }] })
const reply = (id: number, text: string) => JSON.stringify({ jsonrpc: '2.0', id, result: textResult(text) })

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  console.log('listening on port 80')
  console.log(JSON.stringify({ level: 'info', method }))
  if (method === 'initialize')
    send({
      id,
      result: {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {}, resources: {} },
        serverInfo: {},
        instructions: null,
      },
    })
  else if (method === 'tools/list')
    send({
      id,
      error: null,
      result: {
        tools: [
          ...ODD_TOOLS,
          ...[...Object.keys(RAW), ...Object.keys(RESULTS), 'echo', 'given', 'latin', 'marked', 'details'].map(
            (name) => ({
              name,
              inputSchema: { type: 'object' },
            }),
          ),
        ],
        nextCursor: null,
      },
    })
  else if (method === 'tools/call') {
    const raw = RAW[params.name]
    if (raw) process.stdout.write(raw(id))
    if (raw) return
    // a name in Latin-1, which JSON does not allow
    if (params.name === 'latin')
      process.stdout.write(
        Buffer.from(
          `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"Z\xfcrich"}]}}\n`,
          'latin1',
        ),
      )
    // a byte order mark, and a list of messages
    const marked = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'marked' }] } }
    if (params.name === 'marked') console.log(`\uFEFF${JSON.stringify([marked])}`)
    if (params.name === 'details')
      send({ id, error: { code: -32_602, message: 'Invalid params', data: { path: 'a', wanted: 'a date' } } })
    // the result that the caller gives
    if (params.name === 'given') send({ id, result: params.arguments.result })
    if (['given', 'latin', 'marked', 'details'].includes(params.name)) return
    // with all digits of its numbers
    const written = /"arguments":(\{[^}]*\})/.exec(line)?.[1]
    const text = params.name === 'typed' ? written : JSON.stringify(params.arguments)
    send({ id, result: RESULTS[params.name] ?? { content: [{ type: 'text', text }] } })
  } else if (method === 'resources/read') send({ id, result: { contents: 'seen' } })
  else if (id !== undefined) send({ id, error: { code: -32_601, message: 'no such method' } })
})
process.stdin.on('end', () => process.exit(0))
