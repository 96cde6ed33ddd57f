import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { NamedSecret } from '../../src/secret/redaction.ts'
import { openSecrets, type SecretStoreOptions } from '../../src/secret/store.ts'

const VALUE = 'planted-value-0815'
const PASSPHRASE = 'correct horse battery staple'
/** Quick, since these tests are not about guessing. */
const cost = { N: 2 ** 10, r: 8, p: 1 }

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'data', 'secrets.json')
  const open = (given: Partial<SecretStoreOptions> = {}) =>
    openSecrets({ file, cost, environment: { ANTIPHON_PASSPHRASE: PASSPHRASE }, ...given })
  return { file, open, path: (name: string) => join(folder, name) }
}

test('another process reads a stored secret, and the file does not show it', async () => {
  const { file, open } = openFolder()
  const before = Date.now()
  await open().put('openai', VALUE)
  expect(await open().get('openai')).toBe(VALUE)
  expect(await open().get('other')).toBeUndefined()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const bytes = readFileSync(file, 'utf8')
  for (const told of [VALUE, PASSPHRASE, btoa(VALUE), 'openai']) expect(bytes).not.toContain(told)
  const [listed, ...more] = await open().names()
  expect([listed, more]).toEqual([{ name: 'openai', setAt: expect.any(Number) }, []])
  expect(listed!.setAt).toBeGreaterThanOrEqual(before)
})

test('a store that is open gets a rotated secret with the next call, and one that was removed no more', async () => {
  const { open } = openFolder()
  const [server, person] = [open(), open()]
  await person.put('openai', VALUE)
  expect(await server.get('openai')).toBe(VALUE)
  await person.rotate('openai', 'another-value')
  expect(await server.get('openai')).toBe('another-value')
  expect(await server.names()).toMatchObject([{ name: 'openai', rotatedAt: expect.any(Number) }])
  await person.remove('openai')
  expect(await server.get('openai')).toBeUndefined()
})

test('nothing is sealed twice in the same way', async () => {
  const { file, open } = openFolder()
  const store = open()
  await store.put('openai', VALUE)
  const first = JSON.parse(readFileSync(file, 'utf8'))
  await store.rotate('openai', VALUE)
  const second = JSON.parse(readFileSync(file, 'utf8'))
  expect(second.nonce).not.toBe(first.nonce)
  expect(second.data).not.toBe(first.data)
})

test('the environment goes before the file, and needs no passphrase', async () => {
  const { open } = openFolder()
  await open().put('github.token', VALUE)
  const environment = { ANTIPHON_SECRET_GITHUB_TOKEN: 'from-outside', ANTIPHON_SECRET_LAB: 'lab-value' }
  const store = open({ environment })
  expect(await store.get('github.token')).toBe('from-outside')
  await expect(store.get('openai')).rejects.toMatchObject({ code: 'secrets_locked', hint: /ANTIPHON_KEY_FILE/ })
  const both = open({ environment: { ...environment, ANTIPHON_PASSPHRASE: PASSPHRASE } })
  expect(await both.names()).toEqual([
    { name: 'github.token', variable: 'ANTIPHON_SECRET_GITHUB_TOKEN', setAt: expect.any(Number) },
    { name: 'lab', variable: 'ANTIPHON_SECRET_LAB' },
  ])
  expect(await openFolder().open({ environment: {} }).get('openai')).toBeUndefined()
})

test('a key file opens it when nobody else can read that', async () => {
  const { open, path } = openFolder()
  const keyFile = path('key')
  writeFileSync(keyFile, `${PASSPHRASE}\n`, { mode: 0o600 })
  await open({ environment: {}, keyFile }).put('openai', VALUE)
  expect(await open({ environment: { ANTIPHON_KEY_FILE: keyFile } }).get('openai')).toBe(VALUE)
  expect(await open().get('openai')).toBe(VALUE)
  chmodSync(keyFile, 0o640)
  await expect(open({ keyFile }).get('openai')).rejects.toMatchObject({ message: /read by others/, hint: /chmod 600/ })
  await expect(open({ keyFile: path('none') }).get('openai')).rejects.toThrow(path('none'))
})

const damages: readonly [what: string, damage: (text: string) => string, code: string, says: RegExp][] = [
  ['cut off', (text) => text.slice(0, -40), 'secrets_damaged', /its end is missing/],
  ['empty', () => '', 'secrets_damaged', /its end is missing/],
  ['something else', () => '{"openai": "planted-value-0815"}', 'secrets_damaged', /not a secrets file of this version/],
  ['of a version to come', (text) => text.replace('"version": 1', '"version": 2'), 'secrets_damaged', /version/],
  ['changed in its data', (text) => flip(text, 'data'), 'secrets_damaged', /another program changed it/],
  ['changed in its nonce', (text) => flip(text, 'nonce'), 'secrets_damaged', /another program changed it/],
  ['changed in its tag', (text) => flip(text, 'tag'), 'secrets_damaged', /another program changed it/],
  ['changed in its salt', (text) => flip(text, 'salt'), 'secrets_locked', /does not open/],
  ['asking for all memory', (text) => text.replace('"N": 1024', '"N": 1073741824'), 'secrets_damaged', /version/],
]

test.each(damages)('a file that is %s is refused, and not told', async (_what, damage, code, says) => {
  const { file, open } = openFolder()
  await open().put('openai', VALUE)
  writeFileSync(file, damage(readFileSync(file, 'utf8')))
  const damaged = readFileSync(file, 'utf8')
  const failure = await open()
    .get('openai')
    .catch((error: unknown) => error)
  expect(failure).toMatchObject({ code, message: expect.stringMatching(says) })
  const { message, hint, stack } = failure as Error & { readonly hint: string }
  expect(message).toContain(file)
  expect(`${message}${hint}${stack}`).not.toMatch(new RegExp(`${VALUE}|${PASSPHRASE}`))
  await expect(open().put('more', VALUE)).rejects.toMatchObject({ code })
  expect(readFileSync(file, 'utf8')).toBe(damaged)
})

/** The same text with another first character in a field. */
function flip(text: string, field: string): string {
  return text.replace(new RegExp(`("${field}": ")(.)`), (_all, before, char) => `${before}${char === 'A' ? 'B' : 'A'}`)
}

test('another passphrase opens nothing, and the right one does afterwards', async () => {
  const { file, open } = openFolder()
  await open().put('openai', VALUE)
  const given = ['another passphrase', PASSPHRASE]
  const store = open({ environment: {}, ask: async () => given.shift() })
  await expect(store.get('openai')).rejects.toMatchObject({
    code: 'secrets_locked',
    message: `This passphrase does not open the secrets in ${file}.`,
  })
  expect(await store.get('openai')).toBe(VALUE)
  expect(await store.get('openai')).toBe(VALUE)
})

test('an invalid name and an invalid secret are refused', async () => {
  const { open } = openFolder()
  const store = open()
  for (const name of ['', 'a b', '../x', 'x'.repeat(101), 'end.'])
    await expect(store.put(name, VALUE)).rejects.toMatchObject({ name: 'InvalidError', hint: /letters/ })
  await expect(store.put('short', '12345')).rejects.toThrow('at least 6')
  await expect(store.put('long', 'x'.repeat(16_385))).rejects.toThrow('at most 16384')
  await store.put('openai', VALUE)
  await expect(store.put('openai', 'another')).rejects.toMatchObject({
    code: 'secret_exists',
    hint: /keys rotate openai/,
  })
  await expect(store.rotate('none', VALUE)).rejects.toMatchObject({ code: 'not_found' })
  await expect(store.remove('none')).rejects.toMatchObject({ code: 'not_found' })
  await expect(
    open({ environment: { ANTIPHON_PASSPHRASE: 'short' }, file: `${openFolder().file}` }).put('a', VALUE),
  ).rejects.toThrow('at least 12')
  expect(await store.get('openai')).toBe(VALUE)
})

test('several writers at once do not overwrite each other, in whichever process they are', async () => {
  const { file, open } = openFolder()
  const writer = fileURLToPath(new URL('writer.ts', import.meta.url))
  const run = promisify(execFile)
  const environment = { ...process.env, ANTIPHON_PASSPHRASE: PASSPHRASE }
  const other = run(process.execPath, [writer, file, 'other'], { env: environment })
  await Promise.all([other, ...[1, 2, 3, 4, 5].map((n) => open().put(`own${n}`, VALUE))])
  const names = (await open().names()).map(({ name }) => name)
  expect(names).toEqual(['other', 'own'].flatMap((who) => [1, 2, 3, 4, 5].map((n) => `${who}${n}`)))
})

test('all values are heard as soon as they are known', async () => {
  const { open } = openFolder()
  const heard: NamedSecret[] = []
  await open().put('openai', VALUE)
  await open({ heard: (values) => heard.push(...values) }).get('nothing')
  expect(heard).toEqual([['openai', VALUE]])
})
