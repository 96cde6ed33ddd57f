import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { disk } from '../../../examples/audit/disk.ts'
import { call, contextOf, makeFolder } from './fixture.ts'

const measure = (root: string, path: string) => call(disk, { folder: 'node_modules', path }, contextOf(root))

test('adds up the files of a package, of those nested in it none', async () => {
  const root = makeFolder({
    'node_modules/a/package.json': '12345',
    'node_modules/a/lib/deep/file.js': '1234567890',
    'node_modules/a/node_modules/b/package.json': '123',
    'node_modules/a/test/node_modules/fixture.js': '1',
  })
  expect(await measure(root, 'a')).toEqual({ path: 'a', bytes: 16, files: 3 })
  expect(await measure(root, 'a/node_modules/b')).toEqual({ path: 'a/node_modules/b', bytes: 3, files: 1 })
})

test('counts no links', async () => {
  const root = makeFolder({ 'node_modules/a/file': '12', big: '1234567' })
  symlinkSync(join(root, 'big'), join(root, 'node_modules/a/link'))
  symlinkSync(root, join(root, 'node_modules/a/circle'))
  expect(await measure(root, 'a')).toEqual({ path: 'a', bytes: 2, files: 1 })
})

test('measures more files than it looks at in one go', async () => {
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`node_modules/a/${at}`, 'x'.repeat(at)]))
  expect(await measure(makeFolder(files), 'a')).toEqual({ path: 'a', bytes: 4950, files: 100 })
})
