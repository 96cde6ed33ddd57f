import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { rangesOfPackages } from '../../src/lib/package/manifest.ts'
import { type Ended, freshEnvironment, npmSetting, run } from './command.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))
type Manifest = { readonly [part in 'peerDependencies' | 'devDependencies']: { readonly [name: string]: string } }

const { antiphon: _, ...ofLangGraph } = manifestOf('packages/langgraph').peerDependencies

/** The ranges of the optional packages, and of those that users have beside `@antiphon/langgraph`. */
export const RANGES = { ...rangesOfPackages(), ...ofLangGraph }
/** The versions that this checkout has. */
export const PINNED = manifestOf('.').devDependencies

/** The end of a range that is tested. */
export type End = 'lowest' | 'newest'

/** The lowest version of a range: the first that it names. */
export const lowestOf = (range: string) => /\d+\.\d+\.\d+/.exec(range)![0]

/** A copy of this checkout whose optional packages have other versions. */
export type OtherCheckout = {
  versionOf(name: string): string
  /** Runs test files with the vitest of this checkout. */
  vitest(args: readonly string[]): Promise<Ended>
  /** Runs one with the vitest that was installed, which later runs have, too. */
  otherVitest(args: readonly string[]): Promise<Ended>
  node(text: string): Promise<Ended>
  read(path: string): string
  remove(): void
}

/** What of the checkout its tests read. */
const COPIED = [
  'src',
  'packages',
  'test',
  'trials',
  'examples',
  'bin',
  'docs',
  'package.json',
  'vitest.config.ts',
  'README.md',
]

/** The settings of the suite of engines, which another vitest runs. */
const ALONE = `export default { test: { include: ['test/engine/inline.test.ts'], testTimeout: 60_000 } }\n`

/** Copies this checkout, and installs one end of the range of each optional package. */
export async function openWithPeers(end: End): Promise<OtherCheckout> {
  const top = mkdtempSync(join(tmpdir(), 'antiphon-peers-'))
  const remove = () => rmSync(top, { recursive: true, force: true, maxRetries: 5 })
  try {
    const installed = await installPeers(top, end)
    const folder = join(top, 'checkout')
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
    linkModules(join(folder, 'node_modules'), installed)
    writeFileSync(join(folder, 'alone.config.ts'), ALONE)
    const place = { folder, environment: freshEnvironment(top, process.execPath) }
    const vitest = (args: readonly string[]) =>
      run([process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...args], place)
    return {
      versionOf: (name) => versionIn(installed, name),
      vitest,
      otherVitest(args) {
        link(installed, 'vitest', join(folder, 'node_modules'))
        return vitest(args)
      },
      node: (text) => run([process.execPath, '--input-type=module', '--eval', text], place),
      read: (path) => readFileSync(join(folder, path), 'utf8'),
      remove,
    }
  } catch (error) {
    remove()
    throw error
  }
}

async function installPeers(top: string, end: End): Promise<string> {
  const folder = join(top, 'peers')
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "name": "peers", "version": "1.0.0", "private": true }')
  const wanted = Object.entries(RANGES).map(([name, range]) => `${name}@${end === 'lowest' ? lowestOf(range) : range}`)
  const environment = { ...freshEnvironment(top, process.execPath), npm_config_cache: npmSetting('cache') }
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, out, err } = await run(['npm', 'install', ...quiet, ...wanted], { folder, environment })
  if (code !== 0) throw new Error(`npm install ended with ${code}\n${out}\n${err}`)
  return join(folder, 'node_modules')
}

const versionIn = (modules: string, name: string): string =>
  (JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as { readonly version: string }).version

/** Links the packages of this checkout, and the optional ones from where they were installed. */
function linkModules(modules: string, installed: string): void {
  const own = join(ROOT, 'node_modules')
  for (const name of namesIn(own)) link(own, name, modules)
  for (const name of Object.keys(RANGES)) if (name !== 'vitest') link(installed, name, modules)
  // the executable of the server is in a package of its own for each platform
  for (const name of namesIn(installed)) if (name.startsWith('@restatedev/')) link(installed, name, modules)
}

function link(from: string, name: string, modules: string): void {
  const to = join(modules, name)
  mkdirSync(dirname(to), { recursive: true })
  if (lstatSync(to, { throwIfNoEntry: false })) rmSync(to)
  symlinkSync(realpathSync(join(from, name)), to)
}

/** The packages in a folder of modules. */
function namesIn(modules: string): readonly string[] {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inside) => `${name}/${inside}`) : [name],
  )
}

/** Why npm cannot install packages here; undefined: it can. */
export async function whyNoNpm(): Promise<string | undefined> {
  const top = mkdtempSync(join(tmpdir(), 'antiphon-npm-'))
  try {
    const environment = {
      ...freshEnvironment(top, process.execPath),
      npm_config_fetch_retries: '0',
      npm_config_fetch_timeout: '20000',
    }
    const { code, err } = await run(['npm', 'view', 'pino', 'version', '--prefer-online'], { folder: top, environment })
    return code === 0 ? undefined : `npm cannot be reached: ${err.trim().split('\n')[0]}`
  } catch (error) {
    return `there is no npm: ${(error as Error).message}`
  } finally {
    rmSync(top, { recursive: true, force: true })
  }
}
