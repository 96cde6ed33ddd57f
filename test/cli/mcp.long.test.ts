import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FIXTURE } from '../tool/mcp/bench.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { NOTHING, REAL } from './programs.ts'

const SERVER = { command: process.execPath, args: [FIXTURE] }

function open() {
  const bench = openBench(REAL)
  const environment = { PATH: process.env.PATH, XDG_CONFIG_HOME: bench.path('config') }
  const mcp = (...args: string[]) => runHere(NOTHING, ['mcp', ...args], { folder: bench.folder, environment })
  return { ...bench, environment, mcp, validate: () => bench.runWith(environment, 'validate', 'p.yaml') }
}

const pipeline = (message: string) => [
  'name: p',
  'steps:',
  '  - { id: a, tool: "fix:note", parameters: { line: ebb } }',
  `  - { id: b, tool: fix, action: note, parameters: { ${message} } }`,
  'outputs: { said: "{{ b.text }}" }',
]

test('a server of antiphon.yaml runs from `run`, and `validate` knows its parameters without it', async () => {
  const { write, mcp, path, runWith, environment, validate } = open()
  write('antiphon.yaml', `mcpServers: { fix: ${JSON.stringify({ ...SERVER, env: { LOG: path('log') } })} }`)
  write('p.yaml', ...pipeline('line: flow'))
  expect((await mcp('list')).out).toMatch(/^fix +antiphon\.yaml +not used yet +\S+node /m)
  expect(await validate()).toMatchObject({ code: 0 })
  expect(existsSync(path('log'))).toBe(false)
  expect(await runWith(environment, 'run', 'p.yaml')).toMatchObject({ code: 0, out: 'said: noted flow\n' })
  expect((await mcp('list')).out).toMatch(/^fix +antiphon\.yaml +\d+ tools pinned /m)
  expect((await mcp('tools', 'fix')).out).toMatch(/^fix:note +Writes a line$/m)
  write('p.yaml', ...pipeline('lines: flow'))
  const { code, out } = await validate()
  expect(code).toBe(2)
  expect(out).toContain('`fix:note` requires the parameter `line`')
  write('p.yaml', ...pipeline('line: flow').map((text) => text.replace('b.text', 'b.txt')))
  expect((await validate()).out).toContain('Did you mean `text`')
})

test('a server of .mcp.json runs once a person trusts it', async () => {
  const { write, mcp, path, runWith, environment } = open()
  write('.mcp.json', JSON.stringify({ mcpServers: { fix: SERVER, 'odd name': { command: 'x' }, filesystem: SERVER } }))
  write('p.yaml', ...pipeline('line: flow'))
  expect(JSON.parse((await mcp('list', '--json')).out)).toMatchObject([
    { name: 'fix', from: '.mcp.json', trust: 'untrusted' },
    { name: 'odd name' },
    { name: 'filesystem' },
  ])
  expect(await mcp('tools', 'fix')).toMatchObject({ code: 1, err: expect.stringContaining('antiphon mcp trust fix') })
  expect(await runWith(environment, 'run', 'p.yaml')).toMatchObject({ code: 1 })
  const trusted = await mcp('trust', 'fix')
  expect(trusted).toMatchObject({ code: 0, out: expect.stringMatching(/^fix:note +Writes a line$/m) })
  expect(trusted.err).toMatch(/^Starting fix: .*\nfix is trusted, and \d+ tools pinned in mcp\.lock\.json\.\n$/)
  expect(JSON.parse(readFileSync(path('mcp.lock.json'), 'utf8')).servers.fix).toHaveProperty('note')
  expect(await runWith(environment, 'run', 'p.yaml')).toMatchObject({ code: 0, out: 'said: noted flow\n' })
})

test('an unknown server is an error, and one with the name of a tool has its tools under another name', async () => {
  const { write, mcp } = open()
  expect((await mcp('list')).err).toBe('No MCP server is configured here. Name one in antiphon.yaml: mcpServers\n')
  write('antiphon.yaml', `mcpServers: { fix: ${JSON.stringify(SERVER)} }`)
  expect(await mcp('tools', 'fax')).toMatchObject({
    code: 1,
    err: 'There is no MCP server fax.\n  Did you mean fix?\n',
  })
  write('antiphon.yaml', `mcpServers: { terminal: ${JSON.stringify(SERVER)} }`)
  const { code, out } = await mcp('tools', 'terminal')
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^mcp__terminal:note +Writes a line$/m) })
})

test('a secret of a server that its complaint repeats is shown by no command', async () => {
  const { write, mcp, folder, environment, runWith } = open()
  const complaining = {
    command: 'sh',
    args: ['-c', 'echo "bad key $TOKEN" >&2; exit 1'],
    env: { TOKEN: 'secret://tok' },
  }
  write('antiphon.yaml', `mcpServers: { fix: ${JSON.stringify(complaining)} }`)
  write('p.yaml', ...pipeline('line: flow'))
  const secret = { ...environment, ANTIPHON_SECRET_TOK: 'planted-4711' }
  const here = (...args: string[]) => runHere(NOTHING, args, { folder, environment: secret })
  const all = [
    await here('mcp', 'tools', 'fix'),
    await here('tools', 'call', 'fix:note'),
    await runWith(secret, 'run', 'p.yaml'),
  ]
  for (const { code, out, err } of all) {
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('bad key [redacted]') })
    expect(out + err).not.toContain('planted')
  }
  expect(await mcp('list')).toMatchObject({ code: 0 })
})
