import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createClient } from '../../src/http/client/client.ts'
import { createApp } from '../../src/http/server/app.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'

const HELLO = {
  source: { text: 'name: hello\nsteps:\n  - { id: say, tool: debug, parameters: { message: hello } }\n' },
}

/** A client from the network, and a disk that takes no blobs between `fill` and `free`. */
async function openFilling() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-storage-'))
  const runtime = await createRuntime({ ...(await loadConfig({ folder, environment: {} })), embedder: 'none' })
  onTestFinished(async () => {
    await runtime.stop({ grace: 0 })
    rmSync(folder, { recursive: true, force: true })
  })
  const identify = () => ({ owner: 'ann', key: 'k', scopes: ['run', 'read'] as const, local: false })
  const app = createApp(runtime, { identify })
  const blobs = join(folder, '.antiphon', 'blobs')
  function fill() {
    if (existsSync(blobs)) renameSync(blobs, `${blobs}.aside`)
    writeFileSync(blobs, 'a file where the folder should be')
  }
  return { folder, app, client: createClient(async (request) => app.fetch(request)), fill, free: () => rmSync(blobs) }
}

it('says that something cannot be stored, and not where the data folder lies', async () => {
  const { folder, client, fill } = await openFilling()
  fill()
  const error = await client.runs.start(HELLO).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'RetryableError', code: 'storage' })
  expect((error as Error).message).toMatch(/^cannot store blob [0-9a-f]{64}: (ENOTDIR|EEXIST): /)
  expect(JSON.stringify({ ...(error as Error), text: (error as Error).message })).not.toContain(folder)
})

it('is not ready while nothing can be stored, and ready again as soon as it can', async () => {
  const { client, fill, free } = await openFilling()
  fill()
  await expect(client.runs.start(HELLO)).rejects.toMatchObject({ code: 'storage' })
  await expect(client.ready()).rejects.toMatchObject({ code: 'storage' })
  free()
  await client.ready()
  await client.runs.start(HELLO)
  fill()
  await expect(client.runs.start({ source: { text: `${HELLO.source.text}  # other` } })).rejects.toMatchObject({
    code: 'storage',
  })
  await expect(client.ready()).rejects.toMatchObject({ code: 'storage' })
})
