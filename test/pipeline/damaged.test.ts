import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'

const PIPELINE = `name: waiting
steps:
  - { id: wait, tool: terminal, action: execute, effect: idempotent, parameters: { command: sleep 60 } }
`

test('a run whose pipeline is damaged on disk fails when it is taken up, and says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-damaged-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'waiting.yaml')
  await writeFile(file, PIPELINE)
  const config = await loadConfig({ folder, environment: process.env })
  const open = async () => {
    const runtime = await createRuntime({ ...config, embedder: 'none' })
    onTestFinished(() => runtime.stop())
    return runtime
  }
  const first = await open()
  const { id } = await first.runs.start({ file })
  for await (const { body } of first.runs.events(id)) if ((body as { type: string }).type === 'step-start') break
  await first.stop({ grace: 0 })
  for (const blob of await filesBelow(join(config.data, 'blobs'))) await writeFile(blob, '{')
  const second = await open()
  await second.runs.resume(id)
  await second.idle()
  expect((await second.engine.view.peek({ kind: 'run', key: id })) as object).toMatchObject({
    status: 'failed',
    problem: { code: 'damaged', message: expect.stringContaining('Blob') },
  })
  expect(await second.runs.list({ status: 'failed' })).toMatchObject([{ id }])
})

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
