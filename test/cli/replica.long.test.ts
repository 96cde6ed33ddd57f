// dear: each command opens the data folder, and one serves it
import { expect, it } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { openS3Double } from '../store/replica/s3-double.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const PIPELINE = `name: copy
steps:
  - { id: text, tool: filesystem, action: read, parameters: { path: copy.yaml } }
outputs: { text: "{{ text.content }}" }
`

it('copies a folder while a command works, and restores it elsewhere', async () => {
  const bucket = await openS3Double()
  const bench = openBench(REAL)
  const run = (...args: readonly string[]) => bench.runWith(bucket.environment, ...args)
  bench.write('copy.yaml', PIPELINE)
  bench.write('antiphon.yaml', 'replica:', `  url: ${bucket.url}`, '  every: 1s')
  expect((await bench.run('run', 'copy.yaml')).err).toContain('no credentials for the object store')
  expect((await run('run', 'copy.yaml')).code).toBe(0)
  expect(await run('restore', '--from', bucket.url, '--verify')).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 blob'),
  })
  expect(await run('restore', '--from', bucket.url, '--data', 'other')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--old-is-gone'),
  })
  expect(
    await run('restore', '--from', bucket.url, '--at', '2001-01-01', '--old-is-gone', '--data', 'other'),
  ).toMatchObject({ code: 2, err: expect.stringContaining('later than --at') })
  const restored = await run('restore', '--from', bucket.url, '--old-is-gone', '--data', 'other')
  expect(restored).toMatchObject({ code: 0, err: expect.stringContaining('Not here: secrets') })
  const [before, after] = await Promise.all([run('runs', '--json'), run('runs', '--json', '--data', 'other')])
  expect(JSON.parse(after.out)).toEqual(JSON.parse(before.out))
  // the old folder still has the same replica
  expect((await run('run', 'copy.yaml')).err).toContain('Another owner has taken over')
})

it('says how far the copy is behind, and why it gets nothing', async () => {
  const bucket = await openS3Double()
  const bench = openBench(REAL)
  const run = (...args: readonly string[]) => bench.runWith(bucket.environment, ...args)
  bench.write('copy.yaml', PIPELINE)
  bench.write('antiphon.yaml', 'replica:', `  url: ${bucket.url}`, '  every: 1s')
  await bench.start(['serve'], undefined, bucket.environment).said('works in')
  const whole = expect.stringMatching(/replica +s3:\/\/copies\/shop\/ is \d.* behind, whole at/)
  await until(async () => (await run('doctor')).out.includes('whole at'))
  expect((await run('doctor')).out).toEqual(whole)
  expect((await run('status')).out).toContain('its copy in s3://copies/shop/ is')
  bucket.fail((method) => (method === 'PUT' ? 'full' : undefined))
  expect((await run('run', 'copy.yaml')).code).toBe(0)
  await until(async () => (await run('status')).code === 1)
  expect((await run('status')).out).toContain('its copy gets nothing: The object store')
  expect((await run('doctor')).out).toMatch(/BAD +replica +s3:\/\/copies\/shop\/ gets nothing/)
})

it('says which options belong together, and where there is nothing', async () => {
  const bucket = await openS3Double()
  const bench = openBench(REAL)
  const run = (...args: readonly string[]) => bench.runWith(bucket.environment, ...args)
  expect(await run('restore')).toMatchObject({ code: 2, err: expect.stringContaining('--from URL') })
  expect(await run('restore', 'one.backup', '--old-is-gone')).toMatchObject({ code: 2 })
  expect((await run('restore', '--from', bucket.url, '--verify')).err).toContain('There is no copy of a data folder')
  expect((await run('restore', '--from', 'libsql://x.turso.io', '--verify')).code).toBe(2)
})
