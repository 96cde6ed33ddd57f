import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import type { RunDocument } from '../../src/run/document.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'

type Inputs = { readonly [name: string]: string }

/** A project and a file beside it; resolves with what a run of that pipeline came to. */
async function runBeside(
  inputs: string,
  action: string,
  given: Inputs = { from: '../secret.txt' },
): Promise<RunDocument> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-grants-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const project = join(folder, 'project')
  await mkdir(project)
  await writeFile(join(folder, 'secret.txt'), 'The answer is forty-two.')
  const file = join(project, 'read.yaml')
  await writeFile(file, `name: read\ninputs:\n  ${inputs}\nsteps:\n  - id: read\n${action}`)
  const config = await loadConfig({ folder: project, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(() => runtime.stop())
  const { id } = await runtime.runs.start({ file, inputs: given })
  await runtime.idle()
  return runtime.runs.get(id)
}

const READ = '    tool: filesystem\n    action: read\n    parameters: { path: "{{ from }}" }\n'
const ASK = '    action: chain\n    parameters: { prompt: What is the answer?, files: ["{{ from }}"] }\n'

test('a path that the starter gave may be read', async () => {
  const { status, steps } = await runBeside('from: { type: path }', READ)
  expect([status, steps.read!.value]).toEqual([
    'completed',
    { result: expect.objectContaining({ content: 'The answer is forty-two.' }), success: true, error: null },
  ])
})

test('the same text in an input of another type opens nothing', async () => {
  const { status, error_code } = await runBeside('from: { type: string }', READ)
  expect([status, error_code]).toEqual(['failed', 'outside_root'])
})

test('a default opens nothing: a pipeline cannot grant itself the disk', async () => {
  const { status, error_code } = await runBeside('from: { type: path, default: ../secret.txt }', READ, {})
  expect([status, error_code]).toEqual(['failed', 'outside_root'])
})

test('a chain step reads a given path, and no other', async () => {
  const granted = await runBeside('from: { type: file }', ASK)
  expect(JSON.stringify(granted.steps.read!.value)).toContain('forty-two')
  const refused = await runBeside('from: { type: string }', ASK)
  expect(refused.error_code).toBe('outside_root')
})
