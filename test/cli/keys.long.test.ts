import { expect, it } from 'vitest'
import { openServing } from './held.ts'

const TOKEN = /^ak_([0-9a-f]{16})_[\w-]{43}\n$/

it('keys api makes, lists and revokes keys, in this process and through the one that has the folder', async () => {
  const { run, serve } = openServing()
  expect(await run('keys', 'api', 'list')).toMatchObject({ code: 0, err: expect.stringContaining('no API keys') })
  const own = await run('keys', 'api', 'create', 'laptop')
  expect(own).toMatchObject({ code: 0, err: expect.stringContaining('of local, for read, run, ask.') })
  const [, first] = TOKEN.exec(own.out)!
  await serve()
  const made = await run(
    'keys',
    'api',
    'create',
    'ci',
    '--owner',
    'team',
    '--scope',
    'run',
    '--expires',
    '2d',
    '--json',
  )
  const { id, token, ...key } = JSON.parse(made.out)
  expect(`${token}\n`).toMatch(TOKEN)
  expect(key).toMatchObject({ name: 'ci', owner: 'team', scopes: ['run'] })
  expect(key.expiresAt - key.createdAt).toBe(2 * 24 * 3_600_000)
  expect((await run('keys', 'api', 'revoke', first!)).out).toBe(`${first} (laptop): revoked\n`)
  const listed = JSON.parse((await run('keys', 'api', 'list', '--json')).out)
  expect(listed).toHaveLength(2)
  expect(listed).toContainEqual({ id, ...key })
  expect((await run('keys', 'api', 'list')).out).toMatch(new RegExp(`${first} .* revoked .* laptop`))
})

it('keys api says what is wrong', async () => {
  const { run } = openServing()
  for (const [args, says] of [
    [['create', 'x', '--scope', 'run,root'], 'There is no scope "root"'],
    [['create', 'x', '--expires', 'soon'], 'Expected a time such as 30d'],
    [['create', 'x', '--owner', 'a/b'], '--owner: up to 64 letters'],
    [['revoke', '0123456789abcdef'], 'There is no API key 0123456789abcdef'],
  ] as const)
    expect(await run('keys', 'api', ...args)).toMatchObject({ code: 2, err: expect.stringContaining(says) })
})
