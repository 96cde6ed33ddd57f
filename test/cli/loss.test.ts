import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/tables/schema.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { FRAME, newPath } from '../store/wal/logs.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

/** A data folder that a killed process left, with one byte of its write-ahead log changed. */
async function openDamaged() {
  const bench = openBench(REAL)
  const path = newPath()
  const database = await openDatabase({
    path,
    schema: SCHEMA,
    statements: STATEMENTS,
    synchronous: 'FULL',
    writer: 'main',
  })
  for (let seq = 1; seq <= 20; seq++) database.write({ seq, log: '{}' })
  const log = readFileSync(`${path}-wal`)
  log[log.length - 8 * FRAME + 100]! ^= 1
  mkdirSync(bench.path('.antiphon'))
  copyFileSync(path, bench.path('.antiphon/engine.db'))
  writeFileSync(bench.path('.antiphon/engine.db-wal'), log)
  await database.close()
  return bench
}

const LOST = /Acknowledged work is lost: .*engine\.db-wal is damaged at byte \d+/

it('commands, doctor and programs refuse a damaged folder, and an option accepts the loss', async () => {
  const bench = await openDamaged()
  const listed = await bench.run('runs')
  expect(listed).toMatchObject({ code: 1, out: '', err: expect.stringMatching(LOST) })
  expect(listed.err).toMatch(/antiphon restore FILE.*antiphon doctor --accept-loss/)
  const examined = await bench.run('doctor')
  expect(examined.code).toBe(1)
  expect(examined.out).toMatch(new RegExp(`BAD +data loss +${LOST.source}`))
  const config = await loadConfig({ folder: bench.path('.'), environment: {} })
  await expect(createRuntime(config)).rejects.toMatchObject({ code: 'corrupt' })
  const accepted = await bench.run('doctor', '--accept-loss')
  expect(accepted).toMatchObject({
    code: 0,
    err: expect.stringMatching(new RegExp(`Continuing without the missing work: ${LOST.source}`)),
    out: expect.stringMatching(/ok +data loss +no acknowledged work is known to be missing/),
  })
  expect((await bench.run('runs')).code).toBe(0)
}, 60_000)

it('a program that accepts the loss gets a list of what is missing', async () => {
  const bench = await openDamaged()
  const config = await loadConfig({ folder: bench.path('.'), environment: {} })
  const runtime = await createRuntime(config, { acceptLoss: true })
  expect(runtime.status().loss).toMatchObject({ code: 'corrupt', message: expect.stringMatching(LOST) })
  await runtime.stop()
})

it('a folder that must survive only the process opens, and the loss is reported', async () => {
  const bench = await openDamaged()
  bench.write('antiphon.yaml', 'durability: process')
  const examined = await bench.run('doctor')
  expect(examined.code).toBe(1)
  expect(examined.out).toMatch(new RegExp(`BAD +data loss +${LOST.source}`))
  const other = await openDamaged()
  other.write('antiphon.yaml', 'durability: process')
  const warned = once(process, 'warning')
  expect((await other.run('runs')).code).toBe(0)
  // Node writes it to stderr
  expect((await warned)[0]).toMatchObject({ code: 'ANTIPHON_LOSS', message: expect.stringMatching(LOST) })
}, 60_000)
