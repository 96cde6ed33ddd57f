import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createApp } from '../../src/http/server/app.ts'
import { hashOfFile } from '../../src/lib/media/file-ref.ts'
import { createRuntime, type Runtime } from '../../src/runtime/open/create-runtime.ts'
import { blobPath } from '../../src/store/blobs/folder-store.ts'
import { dropReserveIfFull } from '../../src/store/data-folder/disk-reserve.ts'
import { placesIn } from '../../src/store/data-folder/layout.ts'

const MIB = 1024 * 1024

function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-mount-'))
  const is = mount(folder)
  if (is) execFileSync('umount', [folder])
  rmSync(folder, { recursive: true })
  return is
}

/** A file system of 40 MiB, and what fills it. */
function openDisk() {
  const disk = mkdtempSync(join(tmpdir(), 'antiphon-disk-'))
  mount(disk)
  onTestFinished(() => {
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true })
  })
  const filler = openSync(join(disk, 'filler'), 'w')
  onTestFinished(() => closeSync(filler))
  const free = () => statfsSync(disk).bavail * statfsSync(disk).bsize
  const fill = (left: number) => {
    try {
      while (free() > left) writeSync(filler, Buffer.alloc(Math.min(MIB, free() - left)))
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
    }
  }
  return { disk, fill }
}

async function openFolder(disk: string) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-project-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'p.yaml')
  writeFileSync(file, 'name: p\nsteps: [{ id: a, tool: echo, parameters: { action: hi } }]\n')
  const config = await loadConfig({ folder, data: join(disk, 'data'), environment: {} })
  const open = async (runs = 1000) => {
    const retention = { ...config.retention, runs }
    const runtime = await createRuntime({ ...config, embedder: 'none', retention })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  const run = async (runtime: Runtime, id: string) => {
    await runtime.runs.start({ file, id })
    await runtime.idle()
  }
  return { data: config.data, file, open, run }
}

const isMountable = canMount()

test.skipIf(!isMountable)(
  'below the reserve nothing new is taken (507), and all else goes on; skipped where nothing can be mounted',
  async () => {
    const { disk, fill } = openDisk()
    const { file, open, run } = await openFolder(disk)
    const runtime = await open()
    await run(runtime, 'first')
    fill(MIB)
    // the last look may be a second old
    await expect
      .poll(() => runtime.runs.start({ file }).catch((error) => error.code), { interval: 100 })
      .toBe('storage')
    const app = createApp(runtime)
    const post = (path: string, body: object) =>
      app.request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    for (const [path, body] of [
      ['/v1/runs', { file }],
      ['/v1/threads/t/asks', { prompt: 'What is there?' }],
    ] as const) {
      const response = await post(path, body)
      expect([path, response.status, await response.json()]).toMatchObject([
        path,
        507,
        { code: 'storage', hint: expect.stringContaining('antiphon gc') },
      ])
    }
    expect((await app.request('/v1/ready')).status).toBe(507)
    expect((await app.request('/v1/health')).status).toBe(200)
    expect(await runtime.runs.start({ file, id: 'first' })).toEqual({ id: 'first' })
    expect((await runtime.runs.get('first')).status).toBe('completed')
    expect((await runtime.maintenance.gc()).items).toEqual([])
  },
)

test.skipIf(!isMountable)('gc works on a disk that is full; skipped where nothing can be mounted', async () => {
  const { disk, fill } = openDisk()
  const { data, open, run } = await openFolder(disk)
  const first = await open()
  for (const id of ['a', 'b', 'c']) await run(first, id)
  const { file } = await first.files.add(Buffer.alloc(MIB, 'x'))
  const bytes = blobPath(placesIn(data).blobs, hashOfFile(file))
  // a backup that reads them holds them back
  writeFileSync(placesIn(data).backupNote, '{}')
  await first.files.remove(file)
  rmSync(placesIn(data).backupNote)
  await first.stop()
  fill(0)
  await expect(open()).rejects.toMatchObject({
    name: 'BusyError',
    code: 'degraded',
    hint: expect.stringContaining('antiphon gc'),
  })
  dropReserveIfFull(data)
  expect(existsSync(join(data, 'ballast'))).toBe(false)
  const second = await open(1)
  expect(existsSync(bytes)).toBe(true)
  expect((await second.maintenance.gc()).items).toMatchObject([{ what: 'run', count: 2 }])
  expect(await second.runs.list()).toHaveLength(1)
  expect(existsSync(bytes)).toBe(false)
  await second.stop()
})
