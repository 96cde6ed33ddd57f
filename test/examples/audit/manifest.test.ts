import { expect, test } from 'vitest'
import { manifest } from '../../../examples/audit/manifest.ts'
import { call, contextOf, makeFolder } from './fixture.ts'

const read = (content: Parameters<typeof makeFolder>[0][string], more: Parameters<typeof makeFolder>[0] = {}) => {
  const root = makeFolder({ 'node_modules/a/package.json': content, ...more })
  return call(manifest, { folder: 'node_modules', path: 'a' }, contextOf(root))
}

test('tells name, version and declared licence with its line', async () => {
  expect(await read('{\n  "name": "a",\n  "version": "1.2.3",\n\n  "license": "MIT"\n}')).toEqual({
    path: 'a',
    file: 'a/package.json',
    name: 'a',
    version: '1.2.3',
    declared: 'MIT',
    declaredLine: 5,
    scripts: [],
    problems: [],
  })
})

test('tells the scripts npm runs on install, with their lines, and no others', async () => {
  const scripts = {
    test: 'x',
    preinstall: 'one',
    install: 'two',
    postinstall: 'three "3"',
    prepare: 'no',
    prepublish: 'no',
  }
  const facts = await read({ name: 'a', version: '1.0.0', scripts })
  expect(facts.scripts).toEqual([
    { event: 'preinstall', command: 'one', file: 'a/package.json', line: 6 },
    { event: 'install', command: 'two', file: 'a/package.json', line: 7 },
    { event: 'postinstall', command: 'three "3"', file: 'a/package.json', line: 8 },
  ])
})

test('native code without an install script is built by npm', async () => {
  const gyp = { 'node_modules/a/binding.gyp': '{}' }
  const implied = [{ event: 'install', command: 'node-gyp rebuild', file: 'a/binding.gyp', line: null }]
  expect((await read({ name: 'a', version: '1.0.0' }, gyp)).scripts).toEqual(implied)
  expect((await read({ name: 'a', version: '1.0.0', gypfile: false }, gyp)).scripts).toEqual([])
  const own = await read({ name: 'a', version: '1.0.0', scripts: { install: 'prebuilt' } }, gyp)
  expect(own.scripts.map(({ command }) => command)).toEqual(['prebuilt'])
})

test.each([
  [{ license: { type: 'MIT', url: 'https://example.org' } }, 'MIT', 'license'],
  [{ licenses: [{ type: 'MIT' }] }, 'MIT', 'licenses'],
  [{ licenses: [{ type: 'MIT' }, { type: 'Apache-2.0' }] }, '(MIT OR Apache-2.0)', 'licenses'],
])('understands the old form %j and says that it is old', async (fields, declared, key) => {
  const facts = await read({ name: 'a', version: '1.0.0', ...fields })
  expect(facts).toMatchObject({ declared, declaredLine: 4 })
  expect(facts.problems).toEqual([
    { message: `"${key}" has a form that npm no longer takes`, file: 'a/package.json', line: 4 },
  ])
})

test('a licence that is not a text is a finding', async () => {
  const facts = await read({ name: 'a', version: '1.0.0', license: 7 })
  expect(facts).toMatchObject({ declared: null, problems: [{ message: '"license" names no licence', line: 4 }] })
})

test.each([
  ['{\n  "name": "a",\n  "version" "1"\n}', 3, /not JSON/],
  ['{ "name": "a"', 1, /not JSON/],
  ['["a"]', 1, /not a JSON object/],
  ['', 1, /not JSON/],
])('a broken manifest %j is a finding with its line, not a crash', async (text, line, message) => {
  const facts = await read(text)
  expect(facts).toMatchObject({ name: 'a', version: null, declared: null, scripts: [] })
  expect(facts.problems).toEqual([{ message: expect.stringMatching(message), file: 'a/package.json', line }])
})

test('a package without a manifest is a finding, and its name is that of its folder', async () => {
  const root = makeFolder({ 'node_modules/@s/a/index.js': '' })
  const facts = await call(manifest, { folder: 'node_modules', path: '@s/a' }, contextOf(root))
  expect(facts).toMatchObject({ name: '@s/a', problems: [{ message: 'has no package.json', line: null }] })
})

test('reads a manifest that begins with a byte order mark', async () => {
  expect(await read('\uFEFF{"name":"a","version":"1.0.0"}')).toMatchObject({ version: '1.0.0', problems: [] })
})

test('a path that leads out of the folder is refused', async () => {
  const root = makeFolder({ 'node_modules/a/package.json': { name: 'a' }, 'package.json': { name: 'own' } })
  const leaving = call(manifest, { folder: 'node_modules', path: '..' }, contextOf(root))
  await expect(leaving).rejects.toMatchObject({ name: 'InvalidError' })
})
