import { expect, test } from 'vitest'
import { duplicates } from '../../../examples/audit/duplicates.ts'
import { manifestOf } from './facts.ts'
import { call, contextOf } from './fixture.ts'

const find = (results: readonly unknown[]) => call(duplicates, { results }, contextOf('/'))
const installed = (name: string, version: string | null, path: string) => ({
  manifest: manifestOf({ name, version, path }),
})

test('lists a name with several versions, the versions by number, with all their paths', async () => {
  const results = [
    installed('b', '10.0.0', 'x/node_modules/b'),
    installed('b', '9.1.0', 'z/node_modules/b'),
    installed('b', '9.1.0', 'b'),
    installed('a', '1.0.0', 'a'),
  ]
  expect(await find(results)).toEqual([
    {
      name: 'b',
      versions: [
        { version: '9.1.0', paths: ['b', 'z/node_modules/b'] },
        { version: '10.0.0', paths: ['x/node_modules/b'] },
      ],
    },
  ])
})

test('the same version twice is not a duplicate, nor is a package without a version', async () => {
  const results = [
    installed('a', '1.0.0', 'a'),
    installed('a', '1.0.0', 'x/node_modules/a'),
    installed('a', null, 'y/a'),
  ]
  expect(await find(results)).toEqual([])
})

test('goes by the name in the manifest: an alias of a package is that package', async () => {
  const [found] = await find([installed('a', '1.0.0', 'a'), installed('a', '2.0.0', 'a-next')])
  expect(found).toMatchObject({ name: 'a', versions: [{ paths: ['a'] }, { paths: ['a-next'] }] })
})

test('a package whose manifest step failed is left out', async () => {
  expect(await find([null, {}, { manifest: null }, installed('a', '1.0.0', 'a')])).toEqual([])
})
