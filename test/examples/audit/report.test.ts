import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { report } from '../../../examples/audit/report.ts'
import { comparisonOf } from '../../../examples/audit/verdict.ts'
import { licencesOf, manifestOf } from './facts.ts'
import { call, contextOf, makeFolder } from './fixture.ts'

type Given = { readonly declared?: string; readonly bytes?: number; readonly script?: string }

function packageOf(path: string, { declared = 'MIT', bytes = 10, script }: Given = {}) {
  const scripts =
    script === undefined ? [] : [{ event: 'install', command: script, file: `${path}/package.json`, line: 7 }]
  const manifest = manifestOf({ path, declared, scripts })
  const licence = { ...licencesOf({ file: `${path}/LICENSE` }), path }
  return { manifest, licence, compare: comparisonOf(manifest, licence), disk: { path, bytes, files: 1 } }
}

const write = (root: string, results: readonly unknown[], more: object = {}) =>
  call(report, { results, duplicates: [], folder: 'node_modules', out: 'out', ...more }, contextOf(root))
const read = (root: string, name: string) => readFileSync(join(root, 'out', name), 'utf8')

test('writes both files and returns the findings that matter', async () => {
  const root = makeFolder({})
  const sizes = [5, 60, 30, 20, 40, 50].map((bytes, at) => packageOf(`p${at}`, { bytes }))
  const found = await write(root, [...sizes, packageOf('x', { declared: 'ISC', bytes: 0, script: 'node run.js' })])
  expect(found.written).toEqual({ markdown: 'out/audit.md', json: 'out/audit.json' })
  expect(found.totals).toMatchObject({ packages: 7, bytes: 205, files: 7, verdicts: { agrees: 6, differs: 1 } })
  expect(found.largest.map(({ path }) => path)).toEqual(['p1', 'p5', 'p4', 'p2', 'p3'])
  expect(found.differences).toEqual([
    {
      name: 'x',
      version: '1.0.0',
      path: 'x',
      verdict: 'differs',
      reason: 'declares ISC, the text is MIT',
      places: ['node_modules/x/package.json:4', 'node_modules/x/LICENSE:1'],
    },
  ])
  expect(found.installScripts).toMatchObject([{ command: 'node run.js', place: 'node_modules/x/package.json:7' }])
  expect(readdirSync(join(root, 'out')).sort()).toEqual(['audit.json', 'audit.md'])
})

test('audit.json is the same whatever the order of the results', async () => {
  const [one, other] = [makeFolder({}), makeFolder({})]
  const results = [packageOf('b'), packageOf('a', { declared: 'ISC' }), packageOf('@s/c')]
  await write(one, results)
  await write(other, [...results].reverse())
  expect(read(one, 'audit.json')).toBe(read(other, 'audit.json'))
  expect(read(one, 'audit.md')).toBe(read(other, 'audit.md'))
  const { packages } = JSON.parse(read(one, 'audit.json'))
  expect(packages.map(({ path }: { path: string }) => path)).toEqual(['@s/c', 'a', 'b'])
})

test('every row of audit.md names a file', async () => {
  const root = makeFolder({})
  const duplicates = [
    {
      name: 'b',
      versions: [
        { version: '1.0.0', paths: ['b'] },
        { version: '2.0.0', paths: ['x/node_modules/b'] },
      ],
    },
  ]
  await write(root, [packageOf('a', { declared: 'ISC', script: 'x' }), packageOf('b')], { duplicates })
  const afterSummary = read(root, 'audit.md').split('\n## ').slice(1)
  const rows = afterSummary.flatMap((section) =>
    section
      .split('\n')
      .filter((line) => /^\| (?!---)/.test(line))
      .slice(1),
  )
  expect(rows.length).toBeGreaterThan(6)
  for (const row of rows) expect(row).toMatch(/`node_modules\//)
})

test('the report names the part that a failed step leaves out', async () => {
  const root = makeFolder({})
  const found = await write(root, [null, { manifest: manifestOf({ path: 'a' }), licence: null }, packageOf('b')])
  expect(found.incomplete).toEqual([
    { name: '(package 1)', version: null, path: '(package 1)', lacking: ['manifest', 'licence', 'compare', 'disk'] },
    { name: 'a', version: '1.0.0', path: 'a', lacking: ['licence', 'compare', 'disk'] },
  ])
  expect(found.totals.incomplete).toBe(2)
  expect(read(root, 'audit.md')).toContain('| a 1.0.0 | licence, compare, disk | `a` |')
})

test('text from a package cannot break the tables', async () => {
  const root = makeFolder({})
  await write(root, [packageOf('a', { script: 'echo `x` | sh\n| fake | row |' })])
  const row = read(root, 'audit.md')
    .split('\n')
    .find((line) => line.includes('| install |'))
  expect(row).toBe("| a 1.0.0 | install | `echo 'x' \\| sh \\| fake \\| row \\|` | `node_modules/a/package.json:7` |")
})

test('a second attempt replaces what the first wrote', async () => {
  const root = makeFolder({ 'out/audit.md': 'old', 'out/audit.json': 'old' })
  await write(root, [packageOf('a')])
  await write(root, [packageOf('a')])
  expect(readdirSync(join(root, 'out')).sort()).toEqual(['audit.json', 'audit.md'])
  expect(JSON.parse(read(root, 'audit.json')).totals.packages).toBe(1)
})

test('lists of findings are cut, totals and files are not', async () => {
  const root = makeFolder({})
  const found = await write(
    root,
    Array.from({ length: 150 }, (_, at) => packageOf(`p${at}`, { declared: 'ISC' })),
  )
  expect(found.differences.length).toBe(100)
  expect(found.totals.verdicts).toMatchObject({ differs: 150 })
  expect(read(root, 'audit.md')).toContain('node_modules/p149/LICENSE:1')
})

test('does not write outside the folders it may touch', async () => {
  const root = makeFolder({})
  await expect(write(root, [], { out: '../elsewhere' })).rejects.toMatchObject({ name: 'InvalidError' })
})
