import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import type { TerminalError } from '../../src/errors.ts'
import { flushMarkerPath, readFlushMarker } from '../../src/store/database/flush-marker.ts'
import { type DatabaseOptions, openDatabase } from '../../src/store/database/open.ts'
import { copyWith, FRAME, newPath, OPTIONS, openLog } from './wal/logs.ts'

const open = (path: string, options: Partial<DatabaseOptions> = {}) =>
  openDatabase({ path, ...OPTIONS, writer: 'main', ...options })

/** A database that a process left when it was killed, with one byte of its log changed. */
function damaged(): string {
  const { path, write, log } = openLog()
  for (let n = 0; n < 20; n++) write()
  const bytes = log()
  // far enough from the beginning that the schema is before it
  bytes[bytes.length - 8 * FRAME + 100]! ^= 1
  return copyWith(path, bytes)
}

const countIn = (database: Awaited<ReturnType<typeof open>>) =>
  database.first<{ n: number }>('select count(*) as n from log')!.n

test('a damaged log is refused, with what is missing and the way on, and stays as it is', async () => {
  const path = damaged()
  const log = readFileSync(`${path}-wal`)
  for (let times = 0; times < 2; times++)
    await expect(open(path)).rejects.toMatchObject({
      code: 'corrupt',
      terminal: true,
      message: expect.stringMatching(
        /engine\.db-wal is damaged at byte \d+, and at least \d+ transactions .* last flush that can be read is number 1\d/,
      ),
      hint: expect.stringMatching(/antiphon restore .* antiphon doctor --accept-loss/),
    })
  expect(readFileSync(`${path}-wal`).equals(log)).toBe(true)
})

test('a process that was refused leaves the damaged log as it is when it ends', async () => {
  const path = damaged()
  const log = readFileSync(`${path}-wal`)
  const child = spawn(process.execPath, [new URL('refused-opener.ts', import.meta.url).pathname, path])
  let said = ''
  child.stdout.on('data', (text) => (said += text))
  await once(child, 'close')
  expect(said).toBe('corrupt\n')
  expect(readFileSync(`${path}-wal`).equals(log)).toBe(true)
})

test('going on with the loss keeps the damaged log beside it, and is needed once', async () => {
  const path = damaged()
  const log = readFileSync(`${path}-wal`)
  const losses: TerminalError[] = []
  const database = await open(path, { acceptLoss: true, onLoss: (loss) => losses.push(loss) })
  expect(losses).toEqual([expect.objectContaining({ code: 'corrupt' })])
  const count = countIn(database)
  expect(count).toBeGreaterThan(9)
  expect(count).toBeLessThan(20)
  database.write({ seq: 50, log: '{}' })
  await database.close()
  const kept = readdirSync(dirname(path)).filter((name) => name.startsWith('engine.db-wal-damaged-'))
  expect(kept.map((name) => readFileSync(`${dirname(path)}/${name}`).equals(log))).toEqual([true])
  const again = await open(path)
  expect(countIn(again)).toBe(count + 1)
  await again.close()
})

test('a folder that must survive only the process opens, and reports the loss once', async () => {
  const path = damaged()
  const losses: TerminalError[] = []
  const options = { synchronous: 'NORMAL', onLoss: (loss: TerminalError) => losses.push(loss) } as const
  await (await open(path, options)).close()
  await (await open(path, options)).close()
  expect(losses).toHaveLength(1)
})

test('nothing is missing where nothing is damaged, whatever is accepted', async () => {
  const { path, write, log } = openLog()
  for (let n = 0; n < 20; n++) write()
  const copy = copyWith(path, log())
  const losses: TerminalError[] = []
  const database = await open(copy, { acceptLoss: true, onLoss: (loss) => losses.push(loss) })
  expect(countIn(database)).toBe(20)
  await database.close()
  expect(losses).toEqual([])
})

test('a log that ends before the last known flush is refused: cut off, and replaced by an older one', async () => {
  const { path, write, log } = openLog()
  for (let n = 0; n < 10; n++) write()
  const early = copyWith(path, log())
  const database = await open(early)
  for (let seq = 11; seq <= 30; seq++) database.write({ seq, log: '{}' })
  const killed = copyWith(early, readFileSync(`${early}-wal`))
  await database.close()
  copyFileSync(flushMarkerPath(early), flushMarkerPath(killed))
  // as it was it opens
  const whole = copyWith(killed, readFileSync(`${killed}-wal`))
  copyFileSync(flushMarkerPath(early), flushMarkerPath(whole))
  await (await open(whole)).close()
  const bytes = readFileSync(`${killed}-wal`)
  writeFileSync(`${killed}-wal`, bytes.subarray(0, bytes.length - 5 * FRAME))
  await expect(open(killed)).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringMatching(/flushes \d+ to 30 are missing from .*engine\.db; the last flush .* number \d+/),
  })
  // a log of before
  const older = copyWith(path, readFileSync(`${path}-wal`))
  copyFileSync(flushMarkerPath(early), flushMarkerPath(older))
  await expect(open(older)).rejects.toMatchObject({ code: 'corrupt' })
  // the number is forgotten with the loss
  await (await open(older, { acceptLoss: true })).close()
  await (await open(older)).close()
})

test('flushed writes are known after a clean stop; without syncs only once the log is empty', async () => {
  for (const synchronous of ['FULL', 'NORMAL'] as const) {
    const path = newPath()
    const database = await open(path, { synchronous })
    database.write({ seq: 1, log: '{}' })
    database.write({ seq: 2, log: '{}' })
    expect(readFlushMarker(path)).toBeUndefined()
    await database.close()
    expect(readFlushMarker(path)).toBe(2)
  }
})

test('a database that is not whole without what is missing is not opened, even when the loss is accepted', async () => {
  const { path, writer, log } = openLog()
  const text = 'x'.repeat(500)
  for (let seq = 2; seq <= 600; seq += 2) writer.write({ seq, log: text })
  writer.copy('TRUNCATE')
  for (let seq = 1; seq <= 600; seq += 2) writer.write({ seq, log: text })
  const bytes = log()
  // everything was copied; then half of the log goes bad, and its older pages would hide newer ones
  writer.copy('PASSIVE')
  bytes[Math.floor(bytes.length / FRAME / 2) * FRAME + 100]! ^= 1
  const copy = copyWith(path, bytes)
  await expect(open(copy, { acceptLoss: true })).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('Without it the database is not whole.'),
  })
  expect(existsSync(`${copy}-wal`)).toBe(true)
})
