import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'

async function open(yaml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-writes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(folder, name)
  writeFileSync(path('antiphon.yaml'), yaml)
  mkdirSync(path('work'))
  mkdirSync(path('notes'))
  writeFileSync(path('notes/a.txt'), 'ebb')
  writeFileSync(path('work/a.txt'), 'ebb')
  symlinkSync('../notes', path('work/notes'))
  symlinkSync('../notes/new.txt', path('work/dangling'))
  const runtime = await createRuntime({
    ...(await loadConfig({ folder, environment: { PATH: process.env.PATH } })),
    embedder: 'none',
  })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  /** Whether each call waits for a person when a model chose it. */
  async function waits(calls: readonly Call[], options = {}) {
    const { id } = await runtime.tools.call(calls, { chosenByModel: true, onFailure: 'continue', ...options })
    await runtime.idle()
    const { steps } = await runtime.runs.get(id)
    return calls.map((_, index) => steps[`call_${index + 1}`]!.waits_for === `signal:approve_call_${index + 1}`)
  }
  return { path, runtime, waits }
}

type Call = { readonly tool: string; readonly parameters: { readonly [name: string]: Json } }

const content = 'flood'
const write = (path: string): Call => ({ tool: 'filesystem:write', parameters: { path, content } })

test.each(['default', '[terminal]', '[]'])('under the policy %s, a write outside of `writes` waits', async (policy) => {
  const { waits, path } = await open(`writes: [work]\n${policy === 'default' ? '' : `tools: { approve: ${policy} }\n`}`)
  const inside = [write('work/b.txt'), write('./work/deep/c.txt')]
  const outside = [
    write('b.txt'),
    write('notes/a.txt'),
    write('work/notes/a.txt'),
    write('work/dangling'),
    write('work/../b.txt'),
    { tool: 'filesystem:mkdir', parameters: { path: 'new' } },
    { tool: 'filesystem:chmod', parameters: { path: 'notes/a.txt', mode: '600' } },
    { tool: 'filesystem:copy', parameters: { path: 'work/a.txt', destination: 'b.txt' } },
    { tool: 'filesystem:move', parameters: { path: 'notes/a.txt', destination: 'work/b.txt' } },
    { tool: 'filesystem:delete', parameters: { paths: ['work/a.txt', 'notes/a.txt'] } },
    { tool: 'filesystem:append', parameters: { path: 'notes/a.txt', content } },
    { tool: 'filesystem:edit', parameters: { path: 'notes/a.txt', old_text: 'ebb', new_text: content } },
    { tool: 'http-client:get', parameters: { url: 'http://127.0.0.1:1', output_path: 'b.txt' } },
    { tool: 'report-generator:generate', parameters: { content, output_path: 'b.md' } },
    { tool: 'pdf-compiler', parameters: { markdown_content: content } },
    { tool: 'headless-browser:screenshot', parameters: { url: 'http://127.0.0.1:1' } },
    { tool: 'javascript-executor:execute', parameters: { code: 'write("x", "y")', output_dir: 'notes' } },
    { tool: 'checkpoint:extract', parameters: { execution_id: 'x', output_file: 'b.json' } },
    { tool: 'terminal:execute', parameters: { command: 'true', write: true } },
  ]
  expect(await waits(inside)).toEqual(inside.map(() => false))
  expect(await waits(outside)).toEqual(outside.map(() => true))
  expect(readFileSync(path('work/deep/c.txt'), 'utf8')).toBe(content)
  expect(readFileSync(path('notes/a.txt'), 'utf8')).toBe('ebb')
  expect(existsSync(path('b.txt'))).toBe(false)
})

test('without `writes` each write of a model waits, and none does where approvals are off', async () => {
  const { waits } = await open('')
  expect(await waits([write('work/b.txt'), { tool: 'filesystem:read', parameters: { path: 'work/a.txt' } }])).toEqual([
    true,
    false,
  ])
  const free = await open('tools: { approve: none }\n')
  expect(await free.waits([write('b.txt')])).toEqual([false])
  expect(readFileSync(free.path('b.txt'), 'utf8')).toBe(content)
})

test('a call that an author wrote does not wait, and a pipeline keeps its roots', async () => {
  const { waits, runtime, path } = await open('writes: [work]\n')
  expect(await waits([write('b.txt')], { chosenByModel: false })).toEqual([false])
  writeFileSync(
    path('p.yaml'),
    'name: p\nsteps:\n  - { id: one, tool: filesystem, action: write, parameters: { path: package.json, content: "{}" } }\n',
  )
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  await runtime.idle()
  expect((await runtime.runs.get(id)).status).toBe('completed')
  expect(readFileSync(path('package.json'), 'utf8')).toBe('{}')
})

test('a link that appears after the decision leads nowhere', async () => {
  const { runtime, path } = await open('writes: [work]\n')
  // the copy decides by the folder, and the file in it is a link
  mkdirSync(path('work/into'))
  symlinkSync('../../notes/a.txt', path('work/into/a.txt'))
  const parameters = { path: 'work/a.txt', destination: 'work/into' }
  writeFileSync(path('work/a.txt'), content)
  const { id } = await runtime.tools.call([{ tool: 'filesystem:copy', parameters }], { chosenByModel: true })
  await runtime.idle()
  const run = await runtime.runs.get(id)
  expect(run.steps.call_1).toMatchObject({ status: 'failed', error: expect.stringMatching(/leads out of the folders/) })
  expect(readFileSync(path('notes/a.txt'), 'utf8')).toBe('ebb')
})

test('a folder under `writes` that lies outside of the roots is an error', async () => {
  await expect(open('roots: [notes]\nwrites: [notes, work]\n')).rejects.toMatchObject({
    message: expect.stringMatching(/`writes\.1`: expected a folder inside the folders under `roots:`, got work/),
    place: { path: 'writes.1' },
  })
})
