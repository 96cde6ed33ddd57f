import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Libsql from 'libsql'
import { expect, onTestFinished, test, vi } from 'vitest'
import { runInBackground } from '../../src/store/background.ts'

function folderWithRows(count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-background-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const database = new Libsql(join(folder, 'engine.db'))
  database.exec('create table note(text text not null); begin')
  const insert = database.prepare('insert into note values(?)')
  for (let n = 0; n < count; n++) insert.run([`${n} `.padEnd(64, 'f')])
  database.exec('commit')
  database.close()
  return { folder, path: join(folder, 'engine.db') }
}

test('a job stops at a row, and its thread is never terminated, since libSQL would abort the process', async () => {
  const { folder, path } = folderWithRows(1000)
  const terminate = vi.spyOn(Worker.prototype, 'terminate')
  onTestFinished(() => terminate.mockRestore())
  const find = (signal?: AbortSignal) => runInBackground('findReferences', [path], signal)
  expect(await find()).toEqual([])
  for (const after of [0, 1, 2]) {
    const stop = new AbortController()
    const found = find(stop.signal)
    // so many turns of the loop: the thread is still starting, or it reads already
    for (let n = 0; n < after; n++) await new Promise(setImmediate)
    stop.abort()
    await expect(found).rejects.toThrow('cancelled')
  }
  await expect(find(AbortSignal.abort())).rejects.toThrow('cancelled')
  expect(terminate).not.toHaveBeenCalled()
  expect(readdirSync(folder)).toEqual(['engine.db'])
})

test('a process that exits while a thread is in a call of libSQL ends with its own code', () => {
  const { path } = folderWithRows(1)
  const script = new URL('exit-in-call.ts', import.meta.url).pathname
  // without the wait each second one is aborted
  const ends = Array.from({ length: 8 }, () => spawnSync(process.execPath, [script, path]))
  expect(ends.map(({ status, stderr }) => [status, String(stderr)])).toEqual(ends.map(() => [0, '']))
})
