import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newToken } from '../../../src/access/token.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'

async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-keys-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const config = await loadConfig({ folder, environment: {} })
  const clock = simulatedClock()
  const open = async () => {
    const runtime = await createRuntime({ ...config, embedder: 'none' }, { clock })
    onTestFinished(() => runtime.stop())
    return runtime
  }
  return { data: config.data, clock, open }
}

const REQUEST = { name: 'ci', owner: 'team', scopes: ['run'] } as const

test('a key lets in who has its token, also after a restart, and its token lies nowhere', async () => {
  const { data, open } = await openFolder()
  const first = await open()
  const { token, ...key } = await first.access.keys.create(REQUEST)
  expect(await first.access.keys.identify(token)).toEqual(key)
  await first.stop()
  const second = await open()
  expect(await second.access.keys.identify(token)).toEqual(key)
  expect(await second.access.keys.list()).toEqual([key])
  await second.stop()
  const secret = token.split('_').slice(2).join('_')
  const bytes = Buffer.from(secret, 'base64url')
  const files = (await readdir(data, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const { parentPath, name } of files) {
    const held = await readFile(join(parentPath, name))
    expect([name, held.includes(secret), held.includes(bytes)]).toEqual([name, false, false])
  }
})

test('a scope that is given twice is kept once', async () => {
  const { open } = await openFolder()
  const { keys } = (await open()).access
  const key = await keys.create({ ...REQUEST, scopes: ['run', 'read', 'run'] })
  expect(key.scopes).toEqual(['run', 'read'])
  expect((await keys.list()).map(({ scopes }) => scopes)).toEqual([['run', 'read']])
})

test('nobody is let in by anything else', async () => {
  const { clock, open } = await openFolder()
  const { keys } = (await open()).access
  const { token, id } = await keys.create({ ...REQUEST, ttl: 60_000 })
  const wrong = newToken('ak')
  for (const [text, message] of [
    ['', 'API key is unknown'],
    ['secret', 'API key is unknown'],
    [wrong.token, 'API key is unknown'],
    [wrong.token.replace(wrong.id, id), 'API key is unknown'],
  ] as const)
    await expect(keys.identify(text)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining(message),
    })
  await clock.advance(59_999)
  expect(await keys.identify(token)).toMatchObject({ id })
  await clock.advance(1)
  await expect(keys.identify(token)).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('expired'),
  })
})

test('a key that was accepted a moment ago is refused once it is revoked', async () => {
  const { open } = await openFolder()
  const { keys } = (await open()).access
  const { token, id } = await keys.create(REQUEST)
  await keys.identify(token)
  expect(await keys.revoke(id)).toMatchObject({ id, name: 'ci' })
  await expect(keys.identify(token)).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('revoked'),
  })
  for (const none of ['0123456789abcdef', 'none', 'a\0b'])
    await expect(keys.revoke(none)).rejects.toMatchObject({ code: 'not_found' })
})

test('a node knows a second later how another node has changed a key', async () => {
  const { clock, open } = await openFolder()
  const { access, engine } = await open()
  const { keys } = access
  const { token, id } = await keys.create(REQUEST)
  await keys.identify(token)
  await engine.ask({ kind: 'api-key', key: id }, { type: 'revoke' })
  await clock.advance(999)
  expect(await keys.identify(token)).toMatchObject({ id })
  await clock.advance(1)
  await expect(keys.identify(token)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('keys are listed page by page, and by owner', async () => {
  const { open } = await openFolder()
  const { keys } = (await open()).access
  for (const owner of ['a', 'b', 'a']) await keys.create({ ...REQUEST, owner })
  const all = await keys.list()
  expect(all).toHaveLength(3)
  expect(await keys.list({ limit: 2 })).toEqual(all.slice(0, 2))
  expect(await keys.list({ after: all[1]!.id })).toEqual(all.slice(2))
  expect((await keys.list({ owner: 'a' })).map(({ owner }) => owner)).toEqual(['a', 'a'])
})
