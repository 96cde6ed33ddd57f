import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blobPath } from '../../src/store/blobs/folder-store.ts'
import { killAtEachFlush } from '../chaos/at-each-flush.ts'
import { FILES, idOf, live, open } from './kills/life.ts'

const CHILD = join(import.meta.dirname, 'kills/child.ts')

/** The files that a folder must have, and those that it must not have, by what was answered. */
function answeredIn(folder: string) {
  const path = join(folder, 'answered')
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  const removed = lines.filter((line) => line.startsWith('removed ')).map((line) => line.slice(8))
  const added = lines.filter((line) => line.startsWith('added ')).map((line) => line.slice(6))
  return { added: added.filter((file) => !removed.includes(file)), removed }
}

test('a file that was answered is whole, although its process is killed at any commit', () =>
  killAtEachFlush(CHILD, async (folder, where) => {
    const { added, removed } = answeredIn(folder)
    const blobs = join(folder, '.antiphon', 'blobs')
    const first = await open({ folder })
    // the removal may be on disk, and its answer not be
    const isRemoving = added.length === FILES.length
    for (const bytes of FILES.filter((one) => added.includes(idOf(one)))) {
      if (isRemoving && bytes === FILES[1]) continue
      const found = await first.files.read(idOf(bytes), { owner: 'ann', max: bytes.length })
      expect(bytes.equals(found), where).toBe(true)
    }
    for (const file of removed)
      await expect(first.files.get(file, { owner: 'ann' }), where).rejects.toMatchObject({ code: 'file_not_found' })
    await first.stop({ grace: 0 })
    // its sender repeats all of it
    const second = await live({ folder })
    const left = FILES.filter((_, place) => place !== 1)
    const listed = await second.files.list({ owner: 'ann' })
    expect(listed.map(({ file }) => file).toSorted(), where).toEqual(left.map(idOf).toSorted())
    // what lies on the disk counts, whenever it was killed
    const size = (bytes: Buffer) => (existsSync(blobPath(blobs, idOf(bytes).slice(5))) ? bytes.length : 0)
    const [sums] = await second.engine.view.list('files')
    const onDisk = FILES.reduce((sum, bytes) => sum + size(bytes), 0)
    expect(sums?.index.bytes, where).toBe(onDisk)
    await second.stop({ grace: 0 })
    const parts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(tmp|part)\b/.test(name),
    )
    expect(parts, where).toEqual([])
  }))
