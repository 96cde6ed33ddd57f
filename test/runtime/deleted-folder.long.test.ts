import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { claimFolder, findOwner } from '../../src/store/data-folder/owner.ts'
import { besideOthers } from '../chaos/killed.ts'

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-deleted-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'p.yaml')
  await writeFile(file, 'name: p\nsteps: [{ id: a, tool: echo, parameters: { action: hi } }]\n')
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return { data: config.data, runtime, file }
}

test.each([
  ['deleted', (data: string) => rm(data, { recursive: true })],
  ['moved away', (data: string) => rename(data, `${data}.moved`)],
  ['replaced', (data: string) => rm(data, { recursive: true }).then(() => mkdir(data))],
])(
  'a data folder that is %s under a runtime is noticed within a second, and nothing new is taken',
  async (_, remove) => {
    const { data, runtime, file } = await open()
    await runtime.runs.start({ file })
    await runtime.idle()
    await remove(data)
    const begun = performance.now()
    const gone = { code: 'degraded', message: expect.stringContaining('was deleted, moved or replaced') }
    await expect(runtime.broken()).rejects.toMatchObject(gone)
    // looked for every 300 ms; the rest is for a machine that is busy
    expect(performance.now() - begun).toBeLessThan(besideOthers(2_000))
    await expect(runtime.runs.start({ file })).rejects.toMatchObject(gone)
    await expect(runtime.threads.ask({ thread: 't', prompt: 'anything?' })).rejects.toMatchObject(gone)
    await expect(runtime.ready()).rejects.toMatchObject(gone)
  },
)

test('a process that gives up a deleted folder keeps the record of the next owner', async () => {
  const { data, runtime } = await open()
  await rm(data, { recursive: true })
  const next = await claimFolder(data, { command: 'next' })
  onTestFinished(() => void (next.taken || next.release()))
  await expect(runtime.broken()).rejects.toMatchObject({ code: 'degraded' })
  await runtime.stop({ grace: 0 })
  expect(await findOwner(data)).toMatchObject({ command: 'next' })
})
