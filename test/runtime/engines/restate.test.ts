import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { createRuntime, type RuntimeParts } from '../../../src/runtime.ts'
import { describeOnRestate, useRestate } from '../../engine/restate/server.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-engines-'))
  return () => rm(folder, { recursive: true, force: true })
})

async function open(settings: string, parts?: RuntimeParts) {
  await writeFile(join(folder, 'antiphon.yaml'), settings)
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' }, parts)
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return runtime
}

const NOBODY = 'http://127.0.0.1:9'
const on = (admin: string, more = '') => `engine: { restate: { admin: '${admin}'${more} } }`

it('says where no server answers, and gives the folder up', async () => {
  for (let time = 0; time < 2; time++)
    await expect(open(on(NOBODY))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(`No Restate server answers at ${NOBODY}`),
    })
})

it('a data folder stays with its engine', async () => {
  await (await open('')).stop()
  await expect(open(on(NOBODY))).rejects.toMatchObject({ code: 'other_engine' })
})

it('parts of libsql are refused by name', async () => {
  await expect(open(on(NOBODY), { checkpoint: {} } as RuntimeParts)).rejects.toMatchObject({
    message: 'checkpoint is a part of the engine libsql, and this runtime is one on Restate',
  })
})

it('a shared folder that cannot be written is told before anything begins', async () => {
  await writeFile(join(folder, 'common'), 'a file')
  await expect(open(on(NOBODY, ', shared: common'))).rejects.toMatchObject({
    name: 'InvalidError',
    message: expect.stringContaining('common cannot be written'),
  })
})

describeOnRestate('on a server', () => {
  const server = useRestate()

  it('keeps its place on the server, and what is large in the shared folder', async () => {
    await mkdir(join(folder, 'common'))
    const settings = on(server.now().admin, ', shared: common')
    const first = await open(settings)
    const { restate } = first.status()
    const file = join(folder, 'one.yaml')
    const steps = `steps:\n  - { id: a, tool: filesystem, action: read, parameters: { path: one.yaml } }\n`
    await writeFile(file, `name: one\n${steps}`)
    const { id } = await first.startRun({ file })
    await first.idle()
    await first.stop()

    const second = await open(settings)
    expect(second.status().restate).toEqual(restate)
    expect(await second.runs()).toMatchObject([{ id, status: 'completed' }])
    expect(await readdir(join(folder, 'common'))).not.toEqual([])
    expect(await readdir(join(folder, '.antiphon'))).not.toContain('blobs')
    await second.stop()
    await expect(open('')).rejects.toMatchObject({ code: 'other_engine' })
  })
})
