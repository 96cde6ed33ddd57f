import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { useExtensions } from '../../../src/extension/extensions.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { freshFolder } from '../../http/bench.ts'

async function openWith(...lines: readonly string[]) {
  const folder = freshFolder()
  writeFileSync(join(folder, 'antiphon.yaml'), ['embedder: none', ...lines].join('\n'))
  const runtime = await createRuntime(await loadConfig({ folder, environment: {} }))
  onTestFinished(() => runtime.stop())
  return runtime.access.logins
}

const WALLETS =
  "export default { name: 'other', version: '0.1.0', wallets: { readAddress: (given) => given, hasSigned: async () => true } }"
const request = { address: `0x${'a'.repeat(64)}` }
const signed = { ...request, challenge: '0'.repeat(64), signature: 'AAAA' }

test('nobody logs in with a wallet until antiphon.yaml allows it', async () => {
  const logins = await openWith('serve: { publicUrl: https://antiphon.example }')
  for (const attempt of [logins.challenge(request), logins.open(signed), logins.open({ ...signed, door: 'choir' })])
    await expect(attempt).rejects.toMatchObject({ code: 'login_off', hint: expect.stringContaining('login: [') })
})

test('without an extension, the error says how to install one', async () => {
  // another project of this process has one
  const other = freshFolder()
  writeFileSync(join(other, 'wallets.mjs'), WALLETS)
  await useExtensions(['./wallets.mjs'], other)
  const logins = await openWith('serve: { publicUrl: https://antiphon.example, login: [wallet] }')
  const missing = { code: 'login_off', hint: expect.stringContaining('npm install @antiphon/sui') }
  await expect(logins.challenge(request)).rejects.toMatchObject(missing)
  await expect(logins.open(signed)).rejects.toMatchObject(missing)
})

test('the words of a login need an address of the server', async () => {
  await expect(openWith('serve: { login: [wallet] }')).rejects.toMatchObject({
    message: expect.stringContaining('publicUrl'),
  })
})
