import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { makeFolder, writeWhole } from '../../../src/store/files/durable-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-durable-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

/** What `look` finds each time something is made to survive a power failure. */
async function watchSyncs<T>(look: () => T): Promise<readonly T[]> {
  const handle = await open(folder, 'r')
  const handles = Object.getPrototypeOf(handle) as typeof handle
  const { sync } = handles
  await handle.close()
  const seen: T[] = []
  const spy = vi.spyOn(handles, 'sync').mockImplementation(function (this: typeof handle) {
    seen.push(look())
    return sync.call(this)
  })
  onTestFinished(() => spy.mockRestore())
  return seen
}

test('a file is on disk before it gets its name, and its name before it is said to be there', async () => {
  const path = join(folder, 'file')
  const isThere = await watchSyncs(() => existsSync(path))
  await writeWhole(path, 'text', folder)
  expect(isThere).toEqual([false, true])
  expect(readFileSync(path, 'utf8')).toBe('text')
})

test('a file that cannot get its name leaves nothing behind', async () => {
  await expect(writeWhole(join(folder, 'nowhere', 'file'), 'text', folder)).rejects.toThrow('ENOENT')
  expect(readdirSync(folder)).toEqual([])
})

test('each folder that is made is put on disk in the one above it', async () => {
  const syncs = await watchSyncs(() => undefined)
  await makeFolder(join(folder, 'a', 'b', 'c'))
  // the parent of the last one first, then those of all that were made
  expect(syncs.length).toBeGreaterThanOrEqual(3)
  const before = syncs.length
  await makeFolder(join(folder, 'a', 'b', 'c'))
  expect(syncs.length).toBe(before + 1)
})
