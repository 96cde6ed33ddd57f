import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime, type Runtime } from '../../src/runtime/open/create-runtime.ts'
import { loadToolbox } from '../../src/runtime/services/toolbox.ts'
import { describeTool } from '../../src/tool/describe.ts'

const PAGE = await readFile(join(import.meta.dirname, '../../docs/migrating-from-py-orc.md'), 'utf8')
const BLOCKS = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block]) => block!)
const REFUSED = BLOCKS.flatMap((block) => {
  const code = /^# refused: (\w+)\n/.exec(block)?.[1]
  return code === undefined ? [] : [[code, block] as const]
})
let folder: string
let runtime: Runtime

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-migrating-'))
  const config = await loadConfig({ folder, environment: { PATH: process.env.PATH } })
  runtime = await createRuntime({ ...config, embedder: 'none' })
})
afterAll(async () => {
  await runtime.stop()
  await rm(folder, { recursive: true, force: true })
})

async function save(name: string, block: string): Promise<string> {
  const file = join(folder, `${name}.yaml`)
  await writeFile(file, block)
  return file
}

test.each(REFUSED)('a refusal that the page lists happens with %s', async (code, block) => {
  const { valid, findings } = await runtime.pipelines.validate(await save(code, block))
  const codes = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  expect({ valid, codes: [...new Set(codes)] }).toEqual({ valid: false, codes: [code] })
})

test.each([
  ['report-2024', { same: true, skipped: 'no' }],
  ['differs', { turns: 3, drafts: 3, last: 'draft 2', lines: 1, never: 'N/A', braces: '{{ not rendered }}' }],
])('%s runs as the page says', async (name, outputs) => {
  const file = await save(name, BLOCKS.find((block) => block.includes(`: ${name}\n`))!)
  const { id } = await runtime.runs.start({ file })
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', success: true, outputs })
})

test('there is a test for every pipeline of the page', () => expect(BLOCKS).toHaveLength(REFUSED.length + 2))

test('the table tells of the tools that are here, and of none that comes later', async () => {
  const tools = (await loadToolbox({ plugins: [], folder: '.' })).list().map(describeTool)
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| `'))
  const rowOf = (name: string) => rows.find((line) => line.split('|')[1]!.includes(`\`${name}\``))
  // a tool that py-orc does not have needs no row
  const told = tools.flatMap(({ name }) => rowOf(name) ?? rowOf(name.split(':')[0]!) ?? [])
  expect(told.filter((row) => row.split('|')[2]?.trim().startsWith('later'))).toEqual([])
  expect(told.length).toBeGreaterThanOrEqual(92)
})
