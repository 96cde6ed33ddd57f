import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, TEMPLATES, VERSIONS, whyNoName } from '../../create/project.js'

const read = (path: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'))

test('the versions of a new project are those of antiphon', () => {
  const { version, engines, dependencies, devDependencies } = read('package.json')
  expect(VERSIONS).toEqual({
    antiphon: version,
    node: engines.node,
    zod: dependencies.zod,
    typescript: devDependencies.typescript,
    '@types/node': devDependencies['@types/node'],
  })
  expect(read('create/package.json')).toMatchObject({ version, engines })
})

test.each(Object.keys(TEMPLATES))('the template %s has all that a project needs', (template) => {
  const files = new Map(
    projectFiles(template, { name: 'shop', antiphon: '1.2.3' }).map(({ path, text }) => [path, text]),
  )
  expect([...files.keys()]).toEqual(
    expect.arrayContaining(['package.json', 'tsconfig.json', '.gitignore', 'AGENTS.md', 'README.md']),
  )
  expect(files.get('README.md')!.split('\n').length).toBeLessThanOrEqual(41)
  expect(files.get('README.md')).toMatch(/^# shop\n/)
  expect([...files.values()].join('')).not.toContain('__NAME__')
  const manifest = JSON.parse(files.get('package.json')!)
  expect(manifest).toMatchObject({ name: 'shop', private: true, type: 'module' })
  expect(manifest.dependencies).toEqual({ antiphon: '1.2.3', zod: VERSIONS.zod })
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['start', 'test', 'check']))
  // each file of its own that the README names is there
  const named = [...files.get('README.md')!.matchAll(/^\| `([\w./-]+)` \|/gm)].map(([, path]) => path)
  expect(named.filter((path) => !files.has(path!))).toEqual([])
})

test('each support desk has a secret of its own', () => {
  const secret = () => projectFiles('support', { name: 'shop' }).find(({ path }) => path === '.env')!.text
  expect(secret()).toMatch(/^DESK_SECRET=[\w-]{24}\n$/)
  expect(secret()).not.toBe(secret())
})

test.each([
  ['shop', undefined],
  ['a.b-c_1', undefined],
  ['Shop', /small letters/],
  ['my shop', /small letters/],
  ['.shop', /begins with/],
  ['', /small letters/],
  ['node_modules', /taken/],
  ['antiphon', /taken/],
  ['a'.repeat(215), /214/],
])('the name %j is a name of a package, or it is said why not', (name, why) => {
  const said = whyNoName(name)
  if (why) expect(said).toMatch(why)
  else expect(said).toBeUndefined()
})
