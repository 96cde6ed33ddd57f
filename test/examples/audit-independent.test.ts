import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditFolder } from './audit/run.ts'
import { type Audited, auditIndependently, disagreements, type Testimony } from './audit-independent.ts'

const checkout = resolve(import.meta.dirname, '../..')
const modules = join(checkout, 'node_modules')
let out: string
let audit: Audited
let testimony: Testimony

// dear: it reads the licence texts of all installed packages, twice
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'audit-out-'))
  await auditFolder({ folder: 'node_modules', root: checkout, out })
  audit = JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8'))
  testimony = auditIndependently(modules)
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

test("the tools and the independent script find the same in this checkout's packages", () => {
  expect(disagreements(audit, testimony)).toEqual([])
})

test('the independent script is sure of nearly all packages with a licence file', () => {
  const withFile = audit.packages.filter(({ licences }) => licences.some(({ file }) => !/readme/i.test(file)))
  const sure = testimony.packages.filter(({ licences, agrees }) => licences !== null && agrees !== null)
  expect(sure.length).toBeGreaterThan(0.95 * withFile.length)
  expect(testimony.packages.length).toBeGreaterThan(50)
})

const RECORD = '.package-lock.json'

test.runIf(existsSync(join(modules, RECORD)))("both find what npm's own records say it installed", () => {
  // an install script may have called npm again, which keeps a record of its own there
  const records = globSync(`node_modules/**/${RECORD}`, { cwd: checkout })
  const installed = records.flatMap((file) => installedAs(join(checkout, file)))
  const found = testimony.packages.map(({ path, version, scripts }) => [path, version, scripts.length > 0])
  expect(found.sort()).toEqual(installed.sort())
})

test.each<[string, (row: Audited['packages'][number]) => Partial<Audited['packages'][number]>]>([
  ['version', () => ({ version: '0.0.0' })],
  ['bytes', ({ bytes }) => ({ bytes: (bytes ?? 0) + 1 })],
  ['scripts', () => ({ scripts: [{ event: 'install', command: 'x' }] })],
  ['licences', () => ({ licences: [{ file: 'x/LICENSE', licence: 'WTFPL', by: 'text' }] })],
  ['agrees', () => ({ verdict: 'differs' })],
])('a wrong %s in an audit is noticed', (what, change) => {
  const packages = audit.packages.map((row) => (row.path === 'zod' ? { ...row, ...change(row) } : row))
  expect(disagreements({ ...audit, packages }, testimony)).toEqual([expect.stringContaining(`zod ${what}: `)])
})

test('a package too many, one too few and a missing duplicate are noticed', () => {
  const [first, ...others] = audit.packages
  const more = { ...audit, packages: [...audit.packages, { ...first!, path: 'ghost' }] }
  expect(disagreements(more, testimony)).toEqual(['ghost: only in the audit'])
  expect(disagreements({ ...audit, packages: others }, testimony)).toEqual([`${first!.path}: not in the audit`])
  const doubled = { ...audit, duplicates: [...audit.duplicates, { name: 'zzz' }] }
  expect(disagreements(doubled, testimony)).toEqual([expect.stringContaining('duplicates: ')])
})

type Recorded = { readonly version?: string; readonly hasInstallScript?: boolean; readonly link?: boolean }

/**
 * What one of npm's records says, each as path below node_modules, version and whether it has an install script. The
 * packages of this repository are links.
 */
function installedAs(record: string): readonly (readonly [string, string | undefined, boolean])[] {
  const folder = dirname(dirname(record))
  const packages: { readonly [path: string]: Recorded } = JSON.parse(readFileSync(record, 'utf8')).packages
  return Object.entries(packages)
    .filter(([path, { link }]) => !link && path.includes('node_modules/') && existsSync(join(folder, path)))
    .map(([path, { version, hasInstallScript }]) => [
      relative(modules, join(folder, path)),
      version,
      hasInstallScript === true,
    ])
}
