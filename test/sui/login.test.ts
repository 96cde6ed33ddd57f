import type { Keypair } from '@mysten/sui/cryptography'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Secp256k1Keypair } from '@mysten/sui/keypairs/secp256k1'
import { Secp256r1Keypair } from '@mysten/sui/keypairs/secp256r1'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { DEFAULT_SERVE, type ServeConfig } from '../../src/config/serve.ts'
import { createApp } from '../../src/http/server/app.ts'
import { identifyByKey } from '../../src/http/server/authenticate.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { freshFolder, post } from '../http/bench.ts'

const PUBLIC = 'https://antiphon.example'

async function open({ serve = {}, folder = freshFolder() }: { serve?: Partial<ServeConfig>; folder?: string } = {}) {
  const config = await loadConfig({ folder, environment: {} })
  const limits: ServeConfig = { ...DEFAULT_SERVE, publicUrl: PUBLIC, login: ['wallet'], ...serve }
  const runtime = await createRuntime({ ...config, embedder: 'none', use: ['@antiphon/sui'], serve: limits })
  onTestFinished(() => runtime.stop())
  const app = createApp(runtime, { identify: identifyByKey(runtime.access), serve: limits })
  const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })
  async function ask(path: string, body: object, ip = '10.0.0.1') {
    const answer = await app.request(path, post(JSON.stringify(body)), from(ip))
    return { status: answer.status, body: (await answer.json()) as { readonly [field: string]: string } }
  }
  const begin = async (keys: Keypair) => (await ask('/v1/login/challenge', { address: keys.toSuiAddress() })).body
  const login = (keys: Keypair, challenge: string, signature: string) =>
    ask('/v1/login', { address: keys.toSuiAddress(), challenge, signature })
  async function whole(keys: Keypair) {
    const { challenge, words } = await begin(keys)
    return login(keys, challenge!, await sign(keys, words!))
  }
  const caller = async (token: string) => {
    const answer = await app.request('/v1/caller', { headers: { authorization: `Bearer ${token}` } })
    return { status: answer.status, body: await answer.json() }
  }
  return { runtime, folder, app, ask, begin, login, whole, caller }
}

const sign = async (keys: Keypair, words: string) =>
  (await keys.signPersonalMessage(new TextEncoder().encode(words))).signature
const ownerOf = (keys: Keypair) => keys.toSuiAddress().slice(2)

const SCHEMES = { ed25519: Ed25519Keypair, secp256k1: Secp256k1Keypair, secp256r1: Secp256r1Keypair }
test.each(Object.entries(SCHEMES))('a wallet of %s logs in, for a day', async (_, Keys) => {
  const { runtime, begin, login, caller } = await open()
  const keys = new Keys()
  const { challenge, words } = await begin(keys)
  expect(
    words!
      .split('\n')
      .slice(0, 2)
      .every((line) => line.includes(PUBLIC)),
  ).toBe(true)
  expect(words).toContain(`Address: ${keys.toSuiAddress()}\nChallenge: ${challenge}\nExpires: 20`)
  const { status, body } = await login(keys, challenge!, await sign(keys, words!))
  expect(status).toBe(200)
  expect(await caller(body.token!)).toMatchObject({ body: { owner: ownerOf(keys), scopes: ['talk', 'ask'] } })
  const [key] = await runtime.access.keys.list({ owner: ownerOf(keys) })
  expect(key).toMatchObject({ id: body.id, name: 'login by wallet', login: 'wallet' })
  expect(key!.expiresAt! - key!.createdAt).toBe(86_400_000)
})

const WRONG: { readonly [why: string]: (keys: Keypair, words: string) => Promise<string> } = {
  'another wallet': (_, words) => sign(new Ed25519Keypair(), words),
  'changed words': (keys, words) => sign(keys, `${words} `),
  'words of another site': (keys, words) => sign(keys, words.replaceAll(PUBLIC, 'https://antiphon.evil')),
  'a later end': (keys, words) => sign(keys, words.replace(/Expires: .*/, 'Expires: 2099-01-01T00:00:00.000Z')),
  'a transaction': async (keys, words) => (await keys.signTransaction(new TextEncoder().encode(words))).signature,
  'no signature': async () => 'AAAA',
  'a text that is not base64': async () => '-',
}
test.each(Object.entries(WRONG))('%s is refused, and ends the challenge', async (_, signed) => {
  const { runtime, begin, login, whole } = await open()
  const keys = new Secp256k1Keypair()
  const { challenge, words } = await begin(keys)
  const refused = { status: 401, body: { code: 'login_refused' } }
  expect(await login(keys, challenge!, await signed(keys, words!))).toMatchObject(refused)
  expect(await login(keys, challenge!, await sign(keys, words!))).toMatchObject(refused)
  expect(await runtime.access.keys.list()).toEqual([])
  expect((await whole(keys)).status).toBe(200)
})

test('a challenge belongs to one address, and is used once', async () => {
  const { begin, login } = await open()
  const [keys, other] = [new Ed25519Keypair(), new Ed25519Keypair()]
  const { challenge, words } = await begin(keys)
  expect(await login(other, challenge!, await sign(other, words!))).toMatchObject({ status: 401 })
  const signature = await sign(keys, words!)
  // somebody else's attempt under another address has ended nothing
  const both = await Promise.all([login(keys, challenge!, signature), login(keys, challenge!, signature)])
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401])
})

test('a new login ends the key before, with its sessions', async () => {
  const { runtime, whole, caller } = await open()
  const keys = new Secp256r1Keypair()
  const first = (await whole(keys)).body.token!
  const session = await runtime.access.sessions.open(first)
  expect((await caller(first)).status).toBe(200)
  const second = (await whole(keys)).body.token!
  expect([(await caller(first)).status, (await caller(second)).status]).toEqual([401, 200])
  await expect(runtime.access.sessions.identify(session)).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(await runtime.access.keys.list()).toHaveLength(1)
})

test('a challenge outlives a restart, and is used once', async () => {
  const first = await open()
  const keys = new Ed25519Keypair()
  const { challenge, words } = await first.begin(keys)
  const signature = await sign(keys, words!)
  await first.runtime.stop()
  const second = await open({ folder: first.folder })
  expect((await second.login(keys, challenge!, signature)).status).toBe(200)
  await second.runtime.stop()
  const third = await open({ folder: first.folder })
  expect((await third.login(keys, challenge!, signature)).status).toBe(401)
})

test('a client address gets 16 challenges at once, and a network of IPv6 counts as one', async () => {
  const { ask } = await open()
  const address = new Ed25519Keypair().toSuiAddress()
  const many = async (ipOf: (n: number) => string) => {
    const statuses: number[] = []
    for (let n = 0; n < 17; n++) statuses.push((await ask('/v1/login/challenge', { address }, ipOf(n))).status)
    return statuses
  }
  expect(await many(() => '10.0.0.9')).toEqual([...Array(16).fill(200), 429])
  expect(await many((n) => `2001:db8::${n}`)).toEqual([...Array(16).fill(200), 429])
  expect((await ask('/v1/login/challenge', { address }, '2001:db8:0:1::1')).status).toBe(200)
})

test('the audit names the owner of a login, and a forgotten owner has none', async () => {
  const { runtime, whole, caller } = await open()
  const keys = new Ed25519Keypair()
  const token = (await whole(keys)).body.token!
  await expect
    .poll(() => runtime.access.audit.list({ owner: ownerOf(keys) }))
    .toMatchObject([{ route: '/v1/login', status: 200, address: '10.0.0.1' }])
  await runtime.erasures.forget(ownerOf(keys))
  expect((await caller(token)).status).toBe(401)
  expect(await runtime.inspector.actors({ kind: 'login' })).toEqual([])
})

test('the wire of Choir needs a switch of its own, and takes no challenge of the other', async () => {
  const keys = new Ed25519Keypair()
  const wallet_address = keys.toSuiAddress()
  const off = await open()
  expect(await off.ask('/api/auth/challenge', { wallet_address })).toMatchObject({ status: 501 })
  const { ask, begin, caller } = await open({ serve: { login: ['wallet', 'choir'] } })
  const log = (challenge: string, signature: string) => ask('/api/auth/login', { wallet_address, challenge, signature })
  const ours = await begin(keys)
  expect((await log(ours.challenge!, await sign(keys, ours.words!))).status).toBe(401)
  const { challenge, expires_at } = (await ask('/api/auth/challenge', { wallet_address })).body
  expect(challenge).toMatch(/^[0-9a-f]{64}$/)
  expect(Date.parse(expires_at!)).toBeGreaterThan(Date.now())
  const signature = await sign(keys, `Sign this message to authenticate with Choir: ${challenge}`)
  const { status, body } = await log(challenge!, Buffer.from(signature, 'base64').toString('hex'))
  expect(status).toBe(200)
  expect(body).toMatchObject({ token_type: 'bearer', user_id: ownerOf(keys) })
  expect((await caller(body.access_token!)).status).toBe(200)
})

test('a short address and one of nobody are refused', async () => {
  const { ask } = await open()
  for (const address of ['0x2', 'ann', `0x${'0'.repeat(64)}`])
    expect(await ask('/v1/login/challenge', { address })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    })
})
