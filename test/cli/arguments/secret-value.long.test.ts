import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { describeSecrets } from '../../../src/cli/arguments/secret-value.ts'
import { openSecrets } from '../../../src/secret/store.ts'
import { runHere } from '../here.ts'
import { REAL } from '../programs.ts'

const VALUE = 'planted-value-0815'
const ANTIPHON_PASSPHRASE = 'correct horse battery staple'

type Given = {
  readonly handed?: string
  readonly typed?: readonly string[]
  readonly environment?: Record<string, string>
}

/** A folder, and commands in it: with something handed to them, or a person at the keyboard. */
function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  async function run(args: readonly string[], { handed, typed, environment = { ANTIPHON_PASSPHRASE } }: Given = {}) {
    const left = [...(typed ?? [])]
    return runHere(REAL, ['keys', ...args], {
      folder,
      environment,
      ...(handed !== undefined && { handed: async () => handed }),
      ...(typed && { readHidden: async () => left.shift() }),
    })
  }
  return { folder, run, file: join(folder, '.antiphon', 'secrets.json') }
}

test('keys keeps, lists, rotates and removes secrets, and shows nothing of their values', async () => {
  const { run, file } = openFolder()
  expect(await run(['list'])).toMatchObject({ code: 0, out: '', err: expect.stringContaining('keys set NAME') })
  const set = await run(['set', 'openai'], { handed: `${VALUE}\n` })
  expect(set).toEqual({ code: 0, out: 'openai: set\n', err: '' })
  const environment = { ANTIPHON_PASSPHRASE, ANTIPHON_SECRET_OPENAI: 'from-outside' }
  const rotated = await run(['rotate', 'openai', '--json'], { handed: 'another-value', environment })
  expect(rotated.err).toBe('Note: ANTIPHON_SECRET_OPENAI is set here and overrides it.\n')
  const variable = 'ANTIPHON_SECRET_OPENAI'
  expect(JSON.parse(rotated.out)).toEqual({
    name: 'openai',
    variable,
    setAt: expect.any(Number),
    rotatedAt: expect.any(Number),
  })
  const listed = await run(['list'])
  expect(listed.out).toMatch(/^SECRET +SET +ROTATED +FROM\nopenai +\d{4}-.* +the file\n$/)
  expect((await run(['remove', 'openai'])).out).toBe('openai: removed\n')
  expect(JSON.parse((await run(['list', '--json'])).out)).toEqual([])
  const shown = JSON.stringify([set, rotated, listed, readFileSync(file, 'utf8')])
  expect(shown).not.toMatch(/planted-value|another-value|from-outside/)
})

test('a person is asked for the value and the passphrase, the new one twice', async () => {
  const { run } = openFolder()
  const environment = {}
  expect(await run(['set', 'openai'], { typed: [VALUE, 'a new passphrase', 'a nwe passphrase'], environment })).toEqual(
    {
      code: 2,
      out: '',
      err: 'The two passphrases differ.\n',
    },
  )
  const typed = [VALUE, 'a new passphrase', 'a new passphrase']
  expect(await run(['set', 'openai'], { typed, environment })).toMatchObject({ code: 0 })
  expect((await run(['list'], { typed: ['a new passphrase'], environment })).out).toContain('openai')
  expect(await run(['list'], { typed: ['an old passphrase'], environment })).toMatchObject({
    code: 1,
    err: expect.stringContaining('does not open'),
  })
})

test('keys says what is wrong', async () => {
  const { run } = openFolder()
  for (const [args, given, says] of [
    [['set', 'openai'], { handed: '\n' }, 'Expected a value for openai, got nothing.'],
    [['set', 'openai'], { handed: VALUE, environment: {} }, 'there is no passphrase'],
    [['set', 'a b'], { handed: VALUE }, '"a b" is not the name of a secret'],
    [['set', 'openai', VALUE], {}, 'Expected the value on standard input'],
    [['set', 'openai', '--server', 'https://x'], {}, "unknown option '--server'"],
    [['rotate', 'openai'], { handed: VALUE }, 'antiphon keys set openai'],
    [['list', '--key-file', 'none'], {}, ''],
  ] as const) {
    const { code, err } = await run(args, given)
    expect([code === 0, err]).toEqual([says === '', expect.stringContaining(says)])
    expect(err).not.toContain(VALUE)
  }
})

test('a value comes through a pipe', async () => {
  const { folder, run } = openFolder()
  const [node = '', ...main] = REAL.self
  const child = spawn(node, [...main, 'keys', 'set', 'openai'], {
    cwd: folder,
    env: { ...process.env, ANTIPHON_PASSPHRASE },
  })
  child.stdin.end(`${VALUE}\n`)
  expect(await text(child.stdout)).toBe('openai: set\n')
  expect((await run(['list'])).out).toContain('openai')
})

test('doctor counts them, and says when they do not open', async () => {
  const { folder, file } = openFolder()
  const look = (environment: Record<string, string>) => describeSecrets(join(folder, '.antiphon'), environment)
  expect(await look({ ANTIPHON_SECRET_LAB: VALUE })).toBe('0 stored; 1 in the environment')
  await openSecrets({ file, environment: { ANTIPHON_PASSPHRASE }, cost: { N: 1024, r: 8, p: 1 } }).put('openai', VALUE)
  expect(await look({})).toBe(`stored in ${file}, locked: there is no passphrase here`)
  expect(await look({ ANTIPHON_PASSPHRASE })).toBe(`1 in ${file}, which opens; 0 in the environment`)
  await expect(look({ ANTIPHON_PASSPHRASE: 'another passphrase' })).rejects.toMatchObject({ code: 'secrets_locked' })
})
