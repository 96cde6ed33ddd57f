import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from 'antiphon/testing'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/engine/engine.ts'
import { hashOfFile } from '../../src/lib/media/file-ref.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { blobPath } from '../../src/store/blobs/folder-store.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'

const DAY = 24 * 3_600_000

describeOnRestate('files on a server', () => {
  const server = useRestate()

  it('a node reads what another one has stored, and a sweep spares the bytes that a record names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-files-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const common = join(folder, 'common')
    await mkdir(common)
    const engine = `engine: { restate: { admin: '${server.now().admin}', namespace: files, shared: common } }`
    await writeFile(join(folder, 'antiphon.yaml'), engine)
    const config = await loadConfig({ folder, environment: {} })
    const open = async (data: string) => {
      const made = { ...config, data: join(folder, data), embedder: 'none' as const }
      const runtime = await createRuntime(made, { retentionClock: { ...systemClock, after: () => () => {} } })
      onTestFinished(() => runtime.stop({ grace: 0 }))
      return runtime
    }
    const [one, other] = [await open('one'), await open('two')]
    const bytes = randomBytes(300_000)
    const { file } = await one.files.add(bytes, { owner: 'ann', name: 'noise' })
    expect(bytes.equals(await other.files.read(file, { owner: 'ann', max: bytes.length }))).toBe(true)
    expect(await other.files.resolve([file], { owner: 'ann', use: 'run/r1' })).toMatchObject([{ file, name: 'noise' }])
    await expect(other.files.get(file, { owner: 'bob' })).rejects.toMatchObject({ code: 'file_not_found' })

    const place = blobPath(common, hashOfFile(file))
    const longAgo = new Date(Date.now() - 2 * DAY)
    await utimes(place, longAgo, longAgo)
    await other.maintenance.gc()
    expect(existsSync(place)).toBe(true)
    await other.files.remove(file, { owner: 'ann' })
    expect(await one.files.list({ owner: 'ann' })).toEqual([])
    // other nodes may have them, so they count until a sweep takes them
    expect(await other.engine.view.list('files')).toMatchObject([{ index: { bytes: bytes.length } }])
    await until(async () => {
      await other.maintenance.gc()
      return !existsSync(place)
    })
    await until(async () => (await one.engine.view.list('files')).length === 0)
  })
})
