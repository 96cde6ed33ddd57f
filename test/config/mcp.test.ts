import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'

function folderWith(files: { readonly [name: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-mcp-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const load = (files: { readonly [name: string]: string }) => loadConfig({ folder: folderWith(files), environment: {} })

describe('mcpServers', () => {
  it('are those of antiphon.yaml, and those of .mcp.json with other names', async () => {
    const folder = folderWith({
      'antiphon.yaml':
        'mcpServers: { a: { command: node, cwd: tools, effects: { x: pure } }, b: { url: "http://10.0.0.1/mcp" } }',
      '.mcp.json': JSON.stringify({
        mcpServers: { a: { command: 'evil' }, c: { type: 'http', url: 'https://c.example/mcp', disabled: false } },
      }),
    })
    const { mcpServers } = await loadConfig({ folder, environment: {} })
    expect(mcpServers).toEqual({
      a: {
        type: 'stdio',
        from: 'antiphon.yaml',
        command: 'node',
        args: [],
        env: {},
        cwd: join(folder, 'tools'),
        sandbox: false,
        write: false,
        effects: { x: 'pure' },
      },
      b: { type: 'http', from: 'antiphon.yaml', url: 'http://10.0.0.1/mcp', headers: {} },
      c: { type: 'http', from: '.mcp.json', url: 'https://c.example/mcp', headers: {} },
    })
  })

  it('are absent where no file names one', async () => {
    expect(await load({})).not.toHaveProperty('mcpServers')
  })

  it.each([
    ['a: {}', 'expected either `command` or `url`'],
    ['a: { command: x, url: "http://a/" }', 'expected either `command` or `url`'],
    ['a: { command: x, headers: { A: b } }', 'expected it beside `url` only'],
    ['a: { url: "http://a/", sandbox: true }', 'expected it beside `command` only'],
    ['a: { url: "ftp://a/" }', 'expected an address'],
    ['a: { url: "http://me:pw@a/" }', 'without a user and a password'],
    ['"a b": { command: x }', 'expected letters, digits and dashes'],
    ['a: { comand: x }', 'there is no setting'],
    ['a: { command: x, effects: sometimes }', 'effects'],
    ['a: { command: x, lookUp: { create: { tool: search, parameters: {}, done: x } } }', 'lookUp'],
    ['a: { command: x, effects: pure, lookUp: { create: { tool: search, parameters: {}, done: x } } }', 'lookUp'],
  ])('%s is refused in antiphon.yaml with its place', async (text, message) => {
    const error = await load({ 'antiphon.yaml': `mcpServers: { ${text} }` }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(message),
      place: { line: 1, path: expect.stringMatching(/^mcpServers/) },
    })
  })

  const lookUp = (more: string) =>
    `mcpServers:
  a:
    command: x
    effects: { search: pure }
    lookUp:
      create:
        tool: search
        ${more}
`
  it.each([
    [lookUp('parameters: { key: "{{ key" }\n        done: x'), 8, 'parameters.key', 'closed', "add '}}'"],
    [lookUp('parameters: { of: [a, "{{ id }}"] }\n        done: x'), 8, 'parameters.of.1', '`id`', 'key, arguments.'],
    [lookUp('parameters: { of: "{{ result }}" }\n        done: x'), 8, 'parameters.of', '`result`', 'key, arguments.'],
    [
      lookUp('parameters: {}\n        done: { id: "{{ result.id | upcase }}" }'),
      9,
      'done.id',
      'filter `upcase`',
      'For example',
    ],
    [lookUp('parameters: {}\n        done: x\n        notDone: "not results"'), 10, 'notDone', '`results`', 'result.'],
  ])('a wrong template in `lookUp` is refused with its place: %s', async (text, line, path, message, hint) => {
    const error = await load({ 'antiphon.yaml': text }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
      place: { line, path: `mcpServers.a.lookUp.create.${path}` },
    })
  })

  it('takes the templates of docs/tool-calls.md', async () => {
    const docs = readFileSync(new URL('../../docs/tool-calls.md', import.meta.url), 'utf8')
    const text = docs
      .split('```yaml\n')
      .find((block) => block.startsWith('mcpServers:'))!
      .split('```')[0]!
    const { mcpServers } = await load({ 'antiphon.yaml': text })
    expect(mcpServers?.tickets?.lookUp?.create).toMatchObject({ settlesAfter: 60_000 })
  })

  it.each([
    ['{', 'expected JSON'],
    ['{"mcpServers": {"a": {}}}', 'expected either `command` or `url`'],
    ['{"mcpServers": {"a": {"command": ["x"]}}}', '`mcpServers.a.command`: expected a string, got a list'],
    ['[]', 'expected a map, got a list'],
    [`"${'x'.repeat(300_000)}"`, 'larger than 256 KiB'],
  ])('%.40s is refused in .mcp.json with its file', async (text, message) => {
    const error = await load({ '.mcp.json': text }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(message),
      place: { file: expect.stringMatching(/\.mcp\.json$/) },
    })
  })
})
