import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { IS_ON_NPM } from '../create/project.js'
import { faultsOfManifest, faultsOfReadme, type Manifest, undeclaredApi, unknownLicences } from './release-faults.ts'

// `npm run release:check`: whether this version can be published. It packs all packages, and publishes nothing.

const ROOT = resolve(import.meta.dirname, '..')
const PACKAGES = ['.', 'create', 'packages/media', 'packages/langgraph', 'packages/sui']
const PUBLINT = 'publint@0.3.25'
const TYPES_TOOL = '@arethetypeswrong/cli@0.18.5'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const manifestOf = (folder: string) => JSON.parse(read(join(folder, 'package.json'))) as Manifest

type Check = readonly [name: string, faults: () => readonly string[]]

const top = mkdtempSync(join(tmpdir(), 'antiphon-release-'))
const CHECKS: readonly Check[] = [
  ['what a person gives', () => PACKAGES.flatMap((folder) => faultsOfManifest(folder, manifestOf(folder)))],
  [
    'a contact for security',
    () => (/^Contact: none/m.test(read('SECURITY.md')) ? ['SECURITY.md names no contact.'] : []),
  ],
  ['the first screen of the README', () => faultsOfReadme(read('README.md'), IS_ON_NPM)],
  [
    'the API, or a line in CHANGELOG.md',
    () => undeclaredApi(changedApi(), read('CHANGELOG.md'), manifestOf('.').version),
  ],
  ['licences', () => unknownLicences(installedLicences())],
  ['packing', packAll],
  ['publint', () => tarballs().flatMap((file) => saidBy([PUBLINT, '--strict', file]))],
  ['types', () => typed().flatMap((file) => saidBy([TYPES_TOOL, '--profile', 'esm-only', file]))],
  ['an installation in an empty project', installAll],
]

let failed = 0
try {
  for (const [name, faultsOf] of CHECKS) {
    const faults = faultsOf()
    failed += faults.length
    console.log(`${faults.length === 0 ? '✓' : '✗'} ${name}${faults.map((fault) => `\n  ${fault}`).join('')}`)
  }
} finally {
  rmSync(top, { recursive: true, force: true })
}
console.log(failed === 0 ? 'This version can be published.' : `${failed} faults: this version cannot be published.`)
process.exitCode = failed === 0 ? 0 : 1

function packAll(): readonly string[] {
  for (const folder of PACKAGES) run('npm', ['pack', `./${folder}`, '--pack-destination', top], ROOT)
  return []
}

function tarballs(): readonly string[] {
  return readdirSync(top)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(top, name))
}

/** `create-antiphon` is a command without types. */
function typed(): readonly string[] {
  return tarballs().filter((file) => !file.includes('create-antiphon'))
}

function installAll(): readonly string[] {
  const folder = mkdtempSync(join(top, 'project-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  run('npm', ['install', '--no-audit', '--no-fund', ...tarballs()], folder)
  const packed = join(top, `antiphon-${manifestOf('.').version}.tgz`)
  const names = Object.keys(manifestOf('.').exports ?? {}).filter((name) => !name.endsWith('.json'))
  const imports = names
    .filter((name) => !name.includes('conformance'))
    .map((name) => `await import(${JSON.stringify(name.replace('.', 'antiphon'))})`)
  run(process.execPath, ['--input-type=module', '-e', imports.join('\n')], folder)
  run('npx', ['create-antiphon', 'shop', '--yes', '--no-install', '--antiphon', packed], folder)
  return existsSync(join(folder, 'shop/app.mts')) ? [] : ['create-antiphon made no project.']
}

/** The files of `api/` that differ from the last version. */
function changedApi(): readonly string[] {
  const { status, stdout } = spawnSync('git', ['describe', '--tags', '--abbrev=0'], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) return []
  return run('git', ['diff', '--name-only', stdout.trim(), '--', 'api'], ROOT).split('\n').filter(Boolean)
}

/** The licence of each package that a user of antiphon installs. */
function installedLicences(): ReadonlyMap<string, string> {
  const packages: { readonly [path: string]: LockedPackage } = JSON.parse(read('package-lock.json')).packages
  const used = Object.entries(packages).filter(([path, { dev, link }]) => path !== '' && !dev && !link)
  return new Map(used.map(([path, { license }]) => [path.replace(/^.*node_modules\//, ''), license ?? 'none']))
}
type LockedPackage = { readonly license?: string; readonly dev?: boolean; readonly link?: boolean }

function saidBy(command: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync('npx', ['--yes', ...command], { cwd: top, encoding: 'utf8' })
  return status === 0 ? [] : `${stdout}${stderr}`.trim().split('\n')
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
