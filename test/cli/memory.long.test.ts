import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const open = () => {
  const { run, path, folder, write } = openBench(REAL)
  // the encoder takes a second to load
  write('antiphon.yaml', 'embedder: none')
  return { path, folder, memory: (...args: readonly string[]) => run('memory', ...args), run }
}

it('remembers facts, answers as of a time, undoes and forgets', async () => {
  const { memory, path, folder } = open()
  expect(await memory('list')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('memory add --text') })
  expect((await memory('stats', '--json')).out).toContain('"records": 0')
  expect(existsSync(path('.antiphon'))).toBe(false)
  const home = ['--subject', 'home of Eve']
  expect(await memory('add', '--text', 'Berlin', ...home, '--valid-from', '2026-01-01')).toMatchObject({ code: 0 })
  const oslo = await memory('add', '--text', 'Oslo', ...home, '--valid-from', '2026-03-01')
  expect(oslo).toMatchObject({ code: 0, err: expect.stringMatching(/^Change 2\.\n/) })
  const id = oslo.out.trim()
  expect((await memory('list', '--as-of', '2026-02-01')).out).toContain('home of Eve: Berlin')
  expect((await memory('search', 'where is the home of Eve?')).out).toMatch(/Oslo\n$/)
  expect((await memory('show', id)).out).toMatch(/^Oslo\n.*\n {2}subject: home of Eve\n(?:.*\n)*.*Oslo\n.*Berlin\n$/)
  expect(await memory('pin', id)).toMatchObject({ code: 0, err: `${id} is pinned.\n` })
  expect((await memory('log')).out).toMatch(/3 .* pin .*\n2 .* add .*Oslo\n1 .*Berlin\n$/)
  expect(await memory('undo', '2')).toMatchObject({ code: 0 })
  expect((await memory('list')).out).toContain('Berlin')
  const pipe = { folder, environment: {}, handed: async () => 'The kiln is hot\n' }
  expect(await runHere(REAL, ['memory', 'add', '-', '--space', 'work/a'], pipe)).toMatchObject({ code: 0 })
  expect((await memory('list', '--space', 'work', '--json')).out).toContain('"The kiln is hot"')
  expect(await memory('forget', '--space', 'work', '--dry-run')).toMatchObject({ out: '1 record would be erased.\n' })
  expect(await memory('forget', '--space', 'work')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
  expect((await memory('forget', '--space', 'work', '--yes')).out).toMatch(/^1 record erased/)
  expect(readFileSync(join(path('.antiphon'), 'memory.db')).includes('kiln')).toBe(false)
  expect((await memory('list', '--owner', 'bob')).out).toBe('')
})

it('refuses what it cannot do, with a hint', async () => {
  const { memory } = open()
  expect(await memory('add', './docs')).toMatchObject({
    code: 2,
    err: 'There is no file or folder ./docs.\n  To remember a text: antiphon memory add --text "TEXT"\n',
  })
  expect(await memory('add', 'docs', '-')).toMatchObject({ code: 2, err: expect.stringContaining('- alone') })
  expect(await memory('add', 'docs', '--valid-from', '2026-01-01')).toMatchObject({
    code: 2,
    err: 'Expected --text beside --valid-from.\n',
  })
  expect(await memory('add', 'http://127.0.0.1/')).toMatchObject({ code: 1, err: expect.stringContaining('allow') })
  expect(await memory('add')).toMatchObject({ code: 2, err: expect.stringContaining('--text') })
  expect(await memory('forget', '--all', '--kind', 'note')).toMatchObject({ code: 2 })
  expect(await memory('list', '--as-of', 'March')).toMatchObject({
    code: 2,
    err: expect.stringContaining('2026-03-01'),
  })
})

it('names options, refuses what it cannot store, and says that nothing matched', async () => {
  const { memory, folder, path } = open()
  const refused = async (fault: string, ...args: readonly string[]) =>
    expect(await memory(...args)).toMatchObject({ code: 2, err: expect.stringMatching(fault) })
  await refused('^--text: expected a text, got an empty', 'add', '--text', '')
  await refused('^--text: expected a text without NUL', 'add', '--text', 'gate\0 code')
  await refused(
    '^--valid-to: expected',
    'add',
    '--text',
    'x',
    '--subject',
    's',
    '--valid-from',
    '2026-02-02',
    '--valid-to',
    '2026-01-01',
  )
  await refused('^<text>: expected', 'search', '')
  await refused("^error: <change> 'abc' is invalid", 'undo', 'abc')
  await refused('Give the path of a file: memory export', 'export', '.')
  await refused('is not a file', 'import', '.')
  await refused('There is no file nofile', 'import', 'nofile')
  await memory('add', '--text', 'The gate is blue', '--space', 'work')
  await memory('add', '--text', 'The kiln is hot')
  await refused('^--space: expected a path', 'forget', '--space', 'work/', '--yes')
  expect((await memory('forget', '--space', 'Work', '--yes')).out).toMatch(/^No record matched/)
  await refused('confirmation to erase 2 records', 'forget', '--space', '/')
  execFileSync('mkfifo', [path('pipe')])
  await refused('pipe is not a file', 'import', 'pipe')
  const empty = { folder, environment: {}, handed: async () => ' \n' }
  expect((await runHere(REAL, ['memory', 'add', '-'], empty)).err).toContain('Expected a text, got nothing')
})

it('adds files and folders, notices what changes, and lists and forgets them', async () => {
  const { memory, path, folder } = open()
  mkdirSync(path('docs'))
  writeFileSync(path('docs/kiln.md'), '# Kiln\n\nThe kiln reaches 900 degrees.\n')
  writeFileSync(path('docs/x.bin'), Buffer.from([0, 1, 2]))
  const docs = join(realpathSync(folder), 'docs')
  expect(await memory('add', 'docs', 'nowhere', '--space', 'work')).toEqual({
    code: 1,
    out: '1 document read, 1 passage added. Change 1.\n',
    err: `Not read: ${docs}/x.bin: it is not a text file\nNot read: nowhere: There is no file or folder nowhere. To remember a text: antiphon memory add --text "TEXT"\n`,
  })
  expect((await memory('search', 'kiln')).out).toMatch(/passage +work .* docs\/kiln\.md#L3 +The kiln reaches/)
  expect(JSON.parse((await memory('add', 'docs/kiln.md', '--json')).out)).toMatchObject({ read: 0, same: 1 })
  writeFileSync(path('docs/kiln.md'), '# Kiln\n\nThe kiln reaches 1000 degrees.\n')
  expect(await memory('search', 'kiln')).toMatchObject({
    out: expect.stringContaining('1000'),
    err: expect.stringContaining(`Read again, since it had changed: ${docs}/kiln.md\n`),
  })
  expect((await memory('sources', 'docs')).out).toMatch(
    /docs\/kiln\.md +work +1 .* read\n.*x\.bin .* unread: it is not/,
  )
  expect((await memory('forget', '--source', 'docs', '--yes')).out).toMatch(/^1 record erased/)
  expect((await memory('sources')).out).toBe('')
})

it('is in a backup, and in what doctor reads', async () => {
  const { memory, run } = open()
  await memory('add', '--text', 'The kiln is hot', '--owner', 'bob')
  expect((await run('backup', 'one.backup')).code).toBe(0)
  expect((await run('restore', 'one.backup', '--verify')).code).toBe(0)
  expect((await run('restore', 'one.backup', '--data', 'other')).code).toBe(0)
  expect((await memory('search', 'kiln', '--owner', 'bob', '--data', 'other')).out).toContain('The kiln is hot')
  expect((await run('doctor', '--data', 'other')).out).toMatch(/memory [\d.]+ KiB/)
})
