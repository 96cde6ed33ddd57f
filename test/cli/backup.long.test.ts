import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const PIPELINE = `name: copy
steps:
  - { id: text, tool: filesystem, action: read, parameters: { path: copy.yaml } }
outputs: { text: "{{ text.content }}" }
`

function openReal() {
  const bench = openBench(REAL)
  bench.write('copy.yaml', PIPELINE)
  return bench
}

it('backs a folder up, looks at the backup, and restores it elsewhere', async () => {
  const { run, path } = openReal()
  expect(await run('backup', 'one.backup')).toMatchObject({ code: 2, err: expect.stringContaining('no data folder') })
  expect(existsSync(path('.antiphon'))).toBe(false)
  expect((await run('run', 'copy.yaml')).code).toBe(0)
  expect(await run('backup', 'one.backup')).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringMatching(/^one\.backup: .* KiB, 1 blob\./),
  })
  expect(await run('backup', 'one.backup')).toMatchObject({ code: 2, err: expect.stringContaining('--force') })
  expect(JSON.parse((await run('backup', 'one.backup', '--force', '--json')).out)).toMatchObject({
    blobs: 1,
    damaged: [],
  })
  expect(await run('restore', 'one.backup', '--verify')).toMatchObject({
    code: 0,
    out: expect.stringContaining('The backup is complete.'),
  })
  expect(await run('restore', 'one.backup')).toMatchObject({ code: 2, err: expect.stringContaining('--data DIR') })
  expect(await run('restore', 'one.backup', '--data', 'other')).toMatchObject({
    code: 0,
    err: expect.stringContaining('runs --data other'),
  })
  const [before, after] = await Promise.all([run('runs', '--json'), run('runs', '--json', '--data', 'other')])
  expect(JSON.parse(after.out)).toEqual(JSON.parse(before.out))
})

it('says what is wrong with a backup, and ends with 1', async () => {
  const { run, path } = openReal()
  await run('run', 'copy.yaml')
  await run('backup', 'one.backup')
  const bytes = readFileSync(path('one.backup'))
  const at = bytes.indexOf('"name":"copy"')
  bytes[at + 8]! ^= 1
  writeFileSync(path('one.backup'), bytes)
  const verified = await run('restore', 'one.backup', '--verify', '--json')
  expect(verified.code).toBe(1)
  expect(JSON.parse(verified.out)).toMatchObject({
    ok: false,
    faults: ['table log holds something else than was written', expect.stringContaining('checksum')],
  })
  expect(await run('restore', 'one.backup', '--data', 'other')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nothing was restored'),
  })
  expect(existsSync(path('other'))).toBe(false)
})

it('names a damaged row and a damaged blob, backs up what is there, and restores it', async () => {
  const { run, path } = openReal()
  await run('run', 'copy.yaml')
  expect(await run('doctor', '--deep')).toMatchObject({ code: 0, out: expect.stringContaining('none is damaged') })
  const database = path('.antiphon/engine.db')
  const bytes = readFileSync(database)
  for (let at = bytes.indexOf('{"status":"live"'); at !== -1; at = bytes.indexOf('{"status":"live"', at + 1))
    bytes[at + 14]! ^= 0x80
  writeFileSync(database, bytes)
  const found = await run('doctor', '--deep', '--json')
  expect(found.code).toBe(1)
  const { checks } = JSON.parse(found.out) as { checks: { name: string; ok: boolean; text: string }[] }
  const named = /^row cell run\/\S+ is damaged$/
  expect(checks.filter(({ ok }) => !ok)).toContainEqual({ name: 'deep', ok: false, text: expect.stringMatching(named) })
  const backup = await run('backup', 'one.backup')
  expect(backup).toMatchObject({ code: 1, err: expect.stringMatching(/Row cell run\/\S+ is damaged and was copied/) })
  expect(await run('restore', 'one.backup', '--data', 'other')).toMatchObject({ code: 0 })
  expect(await run('runs', '--data', 'other')).toMatchObject({ code: 0 })
  expect(await run('run', 'copy.yaml', '--data', 'other')).toMatchObject({ code: 0 })
  const [blob] = readdirSync(path('.antiphon/blobs'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  writeFileSync(join(blob!.parentPath, blob!.name), '"another text"')
  expect((await run('doctor', '--deep')).out).toMatch(/^BAD {2}deep {6}blob [0-9a-f]{64} is damaged$/m)
})

it('asks the owner to back up', async () => {
  const bench = openBench()
  bench.write('p', `hold wait ${bench.path('go')}`)
  const running = bench.start(['run', 'p'])
  await running.said('p: 1 step')
  expect(await bench.run('backup', 'one.backup')).toMatchObject({ code: 0, err: expect.stringContaining('one.backup') })
  expect(running.child.exitCode).toBeNull()
})
