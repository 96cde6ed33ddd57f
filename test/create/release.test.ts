import { expect, test } from 'vitest'
import { faultsOfManifest, faultsOfReadme, undeclaredApi, unknownLicences } from '../../build/release-faults.ts'

const whole = {
  name: 'a',
  version: '1.0.0',
  description: '',
  license: 'MIT',
  engines: {},
  files: [],
  publishConfig: {},
}

test('a manifest lacks what only a person can give', () => {
  const given = { repository: 'r', homepage: 'h', bugs: 'b', author: 'a' }
  expect(faultsOfManifest('.', { ...whole, ...given })).toEqual([])
  expect(faultsOfManifest('create', { ...whole, ...given, author: undefined, files: undefined })).toEqual([
    'create/package.json has no `author`: a person gives it, and none is made up.',
    'create/package.json has no `files`.',
  ])
})

test('the README names a package only once it is ours', () => {
  const byHand = '```sh\nnpm pack\n```'
  const byName = '```sh\nnpm create antiphon shop\n```'
  expect(faultsOfReadme(byName, true)).toEqual([])
  expect(faultsOfReadme(byName, false)).toEqual([expect.stringContaining('not ours')])
  expect(faultsOfReadme(byHand, true)).toEqual([expect.stringContaining('npm create antiphon')])
})

test('a change of the API stands in the CHANGELOG', () => {
  expect(undeclaredApi(['api/a.md'], '## 0.2.0\n', '0.2.0')).toEqual([])
  expect(undeclaredApi([], '', '0.2.0')).toEqual([])
  expect(undeclaredApi(['api/a.md'], '## 0.1.0\n', '0.2.0')).toHaveLength(1)
})

test('a licence that nobody has looked at is named', () => {
  const licences = new Map([
    ['a', 'MIT'],
    ['b', '(WTFPL OR MIT)'],
    ['c', 'SSPL-1.0'],
    ['d', 'none'],
  ])
  expect(unknownLicences(licences)).toEqual(['c: SSPL-1.0', 'd: none'])
})
