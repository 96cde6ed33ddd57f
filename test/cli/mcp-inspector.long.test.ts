import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

/** The program of `@modelcontextprotocol/inspector`, which CONTRIBUTING.md says how to install. */
const { ANTIPHON_MCP_INSPECTOR: INSPECTOR } = process.env
const why = INSPECTOR === undefined ? ' (skipped: ANTIPHON_MCP_INSPECTOR names no inspector)' : ''

const NOTES = [
  'name: notes',
  'description: Writes a note',
  'inputs: { who: { type: string, required: true } }',
  'steps:',
  '  - { id: file, tool: "filesystem:write", location: out/a.md, parameters: { path: out/a.md, content: "# {{ who }}" } }',
  'outputs: { size: "{{ file.size }}" }',
]

it.skipIf(why).each([
  ['stdio', 'legacy'],
  ['stdio', 'modern'],
  ['http', 'legacy'],
  ['http', 'modern'],
])(`the inspector lists, calls and reads over %s, in the era %s${why}`, async (way, era) => {
  const bench = openBench(REAL)
  bench.write('notes.yaml', ...NOTES)
  bench.write('antiphon.yaml', 'roots: [out]', 'mcp: { serve: [notes.yaml] }')
  const target = way === 'stdio' ? [...REAL.self, 'mcp', 'serve'] : await serve(bench)
  const ask = async (method: string, ...more: readonly string[]) => {
    const given = ['--cli', ...target, '--method', method, ...more, '--protocol-era', era, '--quiet']
    const { code, out, err } = await bench.start(given, [INSPECTOR!]).ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return JSON.parse(out)
  }
  const { tools } = await ask('tools/list', '--strict')
  expect(tools).toContainEqual(expect.objectContaining({ name: 'notes', description: 'Writes a note' }))
  const called = await ask('tools/call', '--tool-name', 'notes', '--tool-arg', 'who=Ada')
  expect(called).toMatchObject({ structuredContent: { size: 5 } })
  const { resources } = await ask('resources/list')
  expect(resources).toMatchObject([{ name: 'a.md', mimeType: 'text/markdown' }])
  const { contents } = await ask('resources/read', '--uri', resources[0].uri)
  expect(contents).toMatchObject([{ text: '# Ada' }])
})

/** A server on the network, as the inspector reaches it. */
async function serve({ start, run, owner }: ReturnType<typeof openBench>): Promise<readonly string[]> {
  await start(['serve', '--listen', '0']).said('use it now')
  const { token } = JSON.parse((await run('keys', 'api', 'create', 'mcp', '--scope', 'read,run,approve', '--json')).out)
  const { url } = owner() as { readonly url?: string }
  return [`${url}/mcp`, '--header', `Authorization: Bearer ${token}`]
}
