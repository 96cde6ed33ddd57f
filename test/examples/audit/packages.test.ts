import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packages } from '../../../examples/audit/packages.ts'
import { call, contextOf, makeFolder } from './fixture.ts'

const list = (root: string, folder = '.') => call(packages, { folder }, contextOf(root))
const paths = async (root: string, folder = '.') => (await list(root, folder)).map(({ path }) => path)

test('lists packages, scoped and nested ones too, sorted by path', async () => {
  const root = makeFolder({
    'node_modules/b/package.json': { name: 'b' },
    'node_modules/@s/a/package.json': { name: '@s/a' },
    'node_modules/b/node_modules/a/package.json': { name: 'a' },
    'node_modules/b/node_modules/@s/c/package.json': { name: '@s/c' },
  })
  expect(await list(root)).toEqual([
    { path: 'node_modules/@s/a', name: '@s/a' },
    { path: 'node_modules/b', name: 'b' },
    { path: 'node_modules/b/node_modules/@s/c', name: '@s/c' },
    { path: 'node_modules/b/node_modules/a', name: 'a' },
  ])
})

test('paths are relative to the folder, which may be a node_modules itself', async () => {
  const root = makeFolder({ 'node_modules/a/package.json': { name: 'a' } })
  expect(await list(root, 'node_modules')).toEqual([{ path: 'a', name: 'a' }])
})

test('finds the packages of every part of a project', async () => {
  const root = makeFolder({
    'parts/one/package.json': { name: 'one' },
    'parts/one/node_modules/a/package.json': { name: 'a' },
    'parts/two/node_modules/a/package.json': { name: 'a' },
    '.hidden/node_modules/a/package.json': { name: 'a' },
  })
  expect(await paths(root)).toEqual(['parts/one/node_modules/a', 'parts/two/node_modules/a'])
})

test('files deeper inside a package are not installed', async () => {
  const root = makeFolder({
    'node_modules/a/package.json': { name: 'a' },
    'node_modules/a/test/package.json': { name: 'fixture' },
    'node_modules/a/test/node_modules/b/package.json': { name: 'b' },
    'node_modules/a/dist/esm/package.json': { type: 'module' },
  })
  expect(await paths(root)).toEqual(['node_modules/a'])
})

test('a folder without a manifest or a name is not a package, one that cannot be read is', async () => {
  const root = makeFolder({
    'node_modules/empty/index.js': '',
    'node_modules/empty/node_modules/inner/package.json': { name: 'inner' },
    'node_modules/nameless/package.json': { type: 'module' },
    'node_modules/@s/broken/package.json': '{ "name": ',
    'node_modules/.cache/a/package.json': { name: 'cached' },
  })
  expect(await list(root)).toEqual([
    { path: 'node_modules/@s/broken', name: '@s/broken' },
    { path: 'node_modules/empty/node_modules/inner', name: 'inner' },
  ])
})

test('links are not followed, not even round in a circle; the packages of a store are found where they lie', async () => {
  const root = makeFolder({
    'parts/own/package.json': { name: 'own' },
    'node_modules/.store/a@1/node_modules/a/package.json': { name: 'a' },
  })
  symlinkSync(join(root, 'parts/own'), join(root, 'node_modules/own'))
  symlinkSync(join(root, 'node_modules/.store/a@1/node_modules/a'), join(root, 'node_modules/a'))
  symlinkSync(root, join(root, 'parts/own/circle'))
  expect(await paths(root)).toEqual(['node_modules/.store/a@1/node_modules/a'])
})

test('a folder that is not there, is a file or lies outside is refused by name', async () => {
  const root = makeFolder({ file: 'text' })
  await expect(list(root, 'nowhere')).rejects.toMatchObject({
    name: 'NotFoundError',
    message: expect.stringContaining('nowhere'),
  })
  await expect(list(root, 'file')).rejects.toMatchObject({
    name: 'InvalidError',
    message: expect.stringContaining('file'),
  })
  await expect(list(root, '..')).rejects.toMatchObject({ name: 'InvalidError', hint: expect.stringContaining(root) })
})

test('stops when it is cancelled', async () => {
  const root = makeFolder({ 'node_modules/a/package.json': { name: 'a' } })
  const reason = new Error('called off')
  const context = contextOf(root, { signal: AbortSignal.abort(reason) })
  await expect(call(packages, { folder: '.' }, context)).rejects.toBe(reason)
})
