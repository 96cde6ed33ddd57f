import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime, type Runtime } from '../../src/runtime/open/create-runtime.ts'

const PIPELINE = `name: ask
steps:
  - id: ship
    action: chain
    parameters: { prompt: When does the ship leave the harbour?, files: [notes.md], thread: main }
outputs: { answer: "{{ ship }}" }
`

async function openFolder(): Promise<{ readonly file: string; open(): Promise<Runtime> }> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-resume-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'ask.yaml')
  await writeFile(join(folder, 'notes.md'), 'The ship leaves the harbour at noon.\n')
  await writeFile(file, PIPELINE)
  const config = await loadConfig({ folder, environment: {} })
  const open = async () => {
    const runtime = await createRuntime({ ...config, embedder: 'none' })
    onTestFinished(() => runtime.stop())
    return runtime
  }
  return { file, open }
}

test('a run that waits for an answer is taken up together with its question', async () => {
  const { file, open } = await openFolder()
  const first = await open()
  const { id } = await first.runs.start({ file })
  for await (const { body } of first.engine.view.events({ kind: 'chain', key: 'main' }))
    if ((body as { type: string }).type === 'phase-start') break
  await first.stop({ grace: 0 })
  const second = await open()
  expect(await second.runs.get(id)).toMatchObject({ status: 'running' })
  await second.runs.resume(id)
  await second.idle()
  expect(await second.runs.get(id)).toMatchObject({
    status: 'completed',
    outputs: { answer: expect.stringContaining('noon') },
  })
})

test('a thread on which a question was left answers the next run all the same', async () => {
  const { file, open } = await openFolder()
  const first = await open()
  await first.runs.start({ file })
  for await (const { body } of first.engine.view.events({ kind: 'chain', key: 'main' }))
    if ((body as { type: string }).type === 'phase-start') break
  await first.stop({ grace: 0 })
  const second = await open()
  const { id } = await second.runs.start({ file })
  await second.idle()
  expect((await second.runs.get(id)).status).toBe('completed')
})

test('a run is taken up with its question at whatever moment it was left', async () => {
  for (const moment of ['ask-start', 'phase-end', 'decision', 'ask-end']) {
    const { file, open } = await openFolder()
    const first = await open()
    const { id } = await first.runs.start({ file })
    for await (const { body } of first.engine.view.events({ kind: 'chain', key: 'main' }))
      if ((body as { type: string }).type === moment) break
    await first.stop({ grace: 0 })
    const second = await open()
    await second.runs.resume(id)
    await second.idle()
    expect([moment, (await second.runs.get(id)).status]).toEqual([moment, 'completed'])
  }
})

test('other runs stay as they are, and resuming an ended run changes nothing', async () => {
  const { file, open } = await openFolder()
  const first = await open()
  const { id } = await first.runs.start({ file })
  for await (const _ of first.runs.events(id)) break
  await first.stop({ grace: 0 })
  const second = await open()
  const elsewhere = file.replace('ask.yaml', 'elsewhere.yaml')
  await writeFile(elsewhere, PIPELINE.replace('thread: main', 'thread: elsewhere'))
  const other = await second.runs.start({ file: elsewhere })
  await second.idle()
  expect([(await second.runs.get(other.id)).status, (await second.runs.get(id)).status]).toEqual([
    'completed',
    'running',
  ])
  await second.runs.resume(id)
  await second.idle()
  await second.runs.resume(id)
  expect((await second.runs.get(id)).status).toBe('completed')
  await expect(second.runs.resume('run_nobody')).rejects.toMatchObject({ code: 'not_found' })
})
