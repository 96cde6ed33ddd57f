import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { prepareTest } from '../../src/testing/agents/case-runtime.ts'

async function folderWith(yaml: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-config-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'antiphon.yaml'), yaml)
  return folder
}

const load = async (yaml: string) => (await loadConfig({ folder: await folderWith(yaml), environment: {} })).replica

test('a replica has an object store, and a time between two additions', async () => {
  expect(await load('replica: { url: "s3://copies/shop", every: 5s }')).toEqual({ url: 's3://copies/shop', every: 5 })
  const refused = [
    'replica: { url: "libsql://shop.turso.io" }',
    'replica: { url: "s3://copies", every: 0 }',
    'replica: { url: "s3://copies", evry: 5s }',
    'replica: { url: "s3://copies" }\nengine: { restate: { admin: "http://127.0.0.1:9070" } }',
  ]
  for (const yaml of refused) await expect(load(yaml), yaml).rejects.toMatchObject({ name: 'InvalidError' })
})

test('a test of an agent leaves the replica of its project alone', async () => {
  const folder = await folderWith('replica: { url: "s3://copies/shop" }')
  const { config } = await prepareTest({ agent: 'any', input: '', folder } as never)
  expect(config).not.toHaveProperty('replica')
})
