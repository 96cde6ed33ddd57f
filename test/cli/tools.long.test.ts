import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { NOTHING, REAL } from './programs.ts'

function open() {
  const bench = openBench()
  bench.write('antiphon.yaml', 'roots: [.]')
  bench.write('people.csv', 'name,age', 'Ada,36', 'Bob,40')
  return { ...bench, tools: (...args: string[]) => runHere(NOTHING, ['tools', ...args], bench) }
}

const EFFECTS =
  'Effects: pure may be repeated and may start early; idempotent may be repeated; at-most-once is never repeated.\n'

describe('tools list and describe', () => {
  test('show what can be used, and with --all what is missing of the rest', async () => {
    const { tools, folder } = open()
    const { code, out, err } = await tools('list')
    expect(code).toBe(0)
    expect(out).toMatch(/^TOOL +EFFECT +DESCRIPTION\n/)
    expect(out).toMatch(/^filesystem:read +pure +Reads a file as text/m)
    expect(out).not.toContain('mcp-resource:subscribe')
    expect(err).toMatch(
      /^Effects: pure .*\n\d+ more tools cannot be used yet\. To list them: antiphon tools list --all\n$/,
    )
    const all = await tools('list', '--all')
    expect(all.out).toMatch(/^mcp-resource:\w+ +not yet +/m)
    expect(all.err).toBe(EFFECTS)
    const listed = JSON.parse((await tools('list', '--json')).out) as { name: string }[]
    expect(listed.map(({ name }) => name)).toEqual(listed.map(({ name }) => name).sort())
    expect(existsSync(join(folder, '.antiphon'))).toBe(false)
  })

  test('show the parameters and results of one', async () => {
    const { tools } = open()
    const { out } = await tools('describe', 'terminal')
    expect(out).toContain('terminal:execute: Runs a command')
    expect(out).toContain('    command: text (needed)\n')
    expect(out).toMatch(/^ {4}timeout: number \(.*\b30\b/m)
    expect(out).toContain('    return_code: whole number\n')
    const [read, ...more] = JSON.parse((await tools('describe', 'filesystem:read', '--json')).out)
    expect(more).toEqual([])
    expect(read).toMatchObject({ name: 'filesystem:read', effect: 'pure', input: { required: ['path'] } })
    expect(await tools('describe', 'filesytem')).toMatchObject({
      code: 2,
      err: 'There is no tool filesytem.\n  Did you mean filesystem?\n',
    })
  })
})

describe('tools call', () => {
  test('takes JSON as an argument, and as the value of a parameter that takes anything', async () => {
    const { tools } = open()
    const read = async (...words: string[]) => (await tools('call', ...words, '--json')).out
    const map = await read('validation:infer_schema', '{"data": {"n": 1, "text": "a=b"}}')
    expect(JSON.parse(map)).toMatchObject({ schema: { type: 'object', properties: { n: { type: 'integer' } } } })
    expect(await read('validation:infer_schema', 'data={"n": 1, "text": "a=b"}')).toBe(map)
    await tools('call', 'filesystem', 'write', 'path=a.json', 'content={"n":1}')
    expect(JSON.parse(await read('filesystem:read', '{"path": "a.json"}'))).toMatchObject({ content: '{"n":1}' })
  })

  test('prints what a tool answers, with its parameters as words or as JSON', async () => {
    const { tools } = open()
    expect(await tools('call', 'filesystem', 'read', 'path=people.csv')).toEqual({
      code: 0,
      out: 'action: read\npath: people.csv\ncontent: |-\n  name,age\n  Ada,36\n  Bob,40\nsize: 22\n',
      err: '',
    })
    for (const words of [
      ['action=exists', 'path=none'],
      ['--params', '{"action": "exists", "path": "none"}'],
    ])
      expect(await tools('call', 'filesystem', ...words)).toMatchObject({
        code: 0,
        out: expect.stringContaining('exists: false'),
      })
    const params = JSON.stringify({ data: 'people.csv', aggregations: { age: 'avg' } })
    const { out } = await tools('call', 'data-processing:aggregate', 'output_format=json', '--params', params, '--json')
    expect(JSON.parse(out)).toMatchObject({ count: 2, aggregations: { age_avg: 38 } })
    expect(JSON.parse((await tools('call', 'terminal', 'command=echo hi', 'timeout=5', '--json')).out)).toMatchObject({
      stdout: 'hi\n',
    })
  })

  test.each<[args: string[], code: number, says: RegExp]>([
    [['filesystem', 'raed', 'path=x'], 2, /has no action raed.*\n.*Did you mean read/],
    [['filesystem', 'action=raed', 'path=x'], 2, /has no action raed.\n.*Did you mean read/],
    [['filesystem', 'path=x'], 2, /filesystem has several actions.\n.*append, chmod, copy/],
    [['filesystem', 'read', 'paht=x'], 2, /has no parameter paht.\n.*Did you mean path/],
    [['filesystem', 'read'], 2, /parameters.path: /],
    [['filesystem', 'read', 'path'], 2, /Expected key=value, got path./],
    [['filesystem', 'read', '--params', '[1]'], 2, /Expected a JSON map in --params/],
    [['filesystem', 'read', '--params', '{'], 2, /Expected JSON in --params/],
    [['filesystem', 'read', '{path}'], 2, /Expected JSON in {path}: .*column 2/],
    [['filesystem', 'read', 'path=/etc/hostname'], 1, /outside the folders that tools may touch/],
    [['filesystem', 'read', 'path=none'], 2, /File not found: none/],
    [['mcp-resource', 'subscribe', 'server_name=s', 'uri=u'], 1, /cannot be run by this version: it needs/],
    [['web-search', 'query=tides'], 1, /No search service is configured\.\n.*search: \{ backend:/],
    [['user-prompt', 'prompt=name?'], 1, /./],
  ])('%j ends with %i', async (args, code, says) => {
    const { tools } = open()
    const ended = await tools('call', ...args)
    expect(ended).toMatchObject({ code, out: '' })
    expect(ended.err).toMatch(says)
  })

  test('prints what a command said that failed', async () => {
    const { tools } = open()
    const failed = await tools('call', 'terminal', 'command=sh -c "echo so far; exit 3"', '--json')
    expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('exit code 3') })
    expect(JSON.parse(failed.out)).toMatchObject({ result: { stdout: 'so far\n' }, error: { code: 'tool_failed' } })
  })
})

describe('tools new', () => {
  test('writes a tool that runs as it is written, by itself and in a pipeline, where nothing is installed and in a package as npm begins one', async () => {
    const { tools, write, folder, start } = open()
    expect(await tools('new', 'tide-words')).toMatchObject({
      code: 0,
      out: 'tools/tide-words.mts\n',
      err: expect.stringContaining('plugins: [tools/tide-words.mts]'),
    })
    write('antiphon.yaml', 'plugins: [tools/tide-words.mts]')
    write('package.json', '{ "type": "commonjs" }')
    const bin = (...args: string[]) => start(args, REAL.self).ended
    expect(await bin('tools', 'call', 'tide-words', 'text=hello')).toMatchObject({
      code: 0,
      out: 'said: HELLO\n',
      err: '',
    })
    write(
      'p.yaml',
      'name: p',
      'steps:',
      '  - { id: s, tool: tide-words, parameters: { text: "ebb" } }',
      'outputs: { said: "{{ s.said }}" }',
    )
    expect(await bin('run', 'p.yaml')).toMatchObject({ code: 0, out: 'said: EBB\n' })
    expect(readFileSync(join(folder, 'tools/tide-words.mts'), 'utf8')).toContain("name: 'tide-words'")
  })

  test('asks to add no more to the settings than is missing', async () => {
    const { tools, write } = open()
    write('antiphon.yaml', 'plugins: []')
    const next = 'antiphon tools call shop:order text=hello\n'
    expect((await tools('new', 'shop:order')).err).toBe(
      `Add this entry to the list \`plugins\` in antiphon.yaml, then try it:\n  tools/shop-order.mts\n  ${next}`,
    )
  })

  test.each([
    ['an import', "import { join } from 'node:path'", 'export default join'],
    ['an export', 'export default {}'],
  ])('a file with %s in a CommonJS package gets a hint about its ending', async (_, ...lines) => {
    const { write, start } = open()
    write('antiphon.yaml', 'plugins: [shout.ts]')
    write('package.json', '{ "type": "commonjs" }')
    write('shout.ts', ...lines)
    expect(await start(['tools', 'list'], REAL.self).ended).toMatchObject({
      code: 2,
      err: expect.stringMatching(/shout\.ts: cannot be loaded: .*\n.*end in \.mts/),
    })
  })

  test.each([
    ['Shout', /Expected the name of a tool/],
    ['filesystem', /The tool filesystem:\w+ already exists/],
    ['there', /already exists.\n.*Nothing was written/],
  ])('refuses %s', async (name, says) => {
    const { tools, write, path } = open()
    mkdirSync(path('tools'))
    write('tools/there.mts', 'mine')
    expect(await tools('new', name)).toMatchObject({ code: 2, err: expect.stringMatching(says) })
    expect(readFileSync(path('tools/there.mts'), 'utf8')).toBe('mine')
  })
})
