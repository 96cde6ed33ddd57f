import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Ended, type Environment, freshEnvironment, npmSetting, run, type Watch } from './command.ts'

/** An empty project that this package was installed into, as its users get it. */
export interface Project {
  readonly folder: string
  /** the package as installed */
  readonly installed: string
  /** the packed file */
  readonly tarball: string
  write(path: string, text: string): void
  /** Runs the installed command, here or in another folder; `watch` sees its stderr and may kill it. */
  antiphon(args: readonly string[], options?: { readonly folder?: string; readonly watch?: Watch }): Promise<Ended>
  /** Runs a line of a document. */
  shell(line: string): Promise<Ended>
  /** Runs one of the project's own files. */
  node(...args: readonly string[]): Promise<Ended>
  /** Makes a package of the checkout resolvable here or in another folder of modules, with what it depends on. */
  link(name: string, modules?: string): void
  remove(): void
}

const ROOT = resolve(import.meta.dirname, '../..')
// the oldest Node that is promised is tried by naming it: ANTIPHON_TEST_NODE=/path/to/node
const NODE = process.env.ANTIPHON_TEST_NODE ?? process.execPath

/** Packs this checkout, with packages of `packages/`, and installs the result with the real npm. */
export async function installPacked(...leaves: readonly string[]): Promise<Project> {
  const top = mkdtempSync(join(tmpdir(), 'antiphon-pack-'))
  const remove = () => rmSync(top, { recursive: true, force: true })
  try {
    return { ...(await packInto(top, leaves)), remove }
  } catch (error) {
    remove()
    throw error
  }
}

async function packInto(top: string, leaves: readonly string[]): Promise<Omit<Project, 'remove'>> {
  const folder = join(top, 'project')
  mkdirSync(folder)
  // what was downloaded for this checkout need not come again
  const cache = { npm_config_cache: npmSetting('cache'), npm_config_prefer_offline: 'true' }
  const environment = { ...freshEnvironment(top, NODE), ...cache }
  const opened = openProject(folder, environment)
  opened.write('package.json', '{ "name": "own", "version": "1.0.0", "private": true, "type": "module" }')
  await succeed(['npm', 'pack', '--pack-destination', top], ROOT, freshEnvironment(top, process.execPath))
  const tarball = join(top, readdirSync(top).find((name) => name.endsWith('.tgz'))!)
  for (const leaf of leaves)
    await succeed(['npm', 'pack', '-w', leaf, '--pack-destination', top], ROOT, freshEnvironment(top, process.execPath))
  const packed = readdirSync(top).filter((name) => name.endsWith('.tgz'))
  const tarballs = packed.map((name) => join(top, name))
  await succeed(['npm', 'install', '--no-audit', '--no-fund', ...tarballs], folder, environment)
  return { ...opened, tarball }
}

async function succeed(command: readonly string[], folder: string, environment: Environment): Promise<void> {
  const { code, out, err } = await run(command, { folder, environment })
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}\n${out}\n${err}`)
}

function openProject(folder: string, environment: Environment): Omit<Project, 'remove' | 'tarball'> {
  const place = { folder, environment }
  return {
    folder,
    installed: join(folder, 'node_modules/antiphon'),
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    },
    antiphon: (args, options = {}) =>
      run([join(folder, 'node_modules/.bin/antiphon'), ...args], { ...place, ...options }, options.watch),
    shell: (line) => run(['sh', '-c', line], place),
    node: (...args) => run([NODE, ...args], place),
    link(name, modules = join(folder, 'node_modules')) {
      const target = join(modules, name)
      mkdirSync(dirname(target), { recursive: true })
      symlinkSync(join(ROOT, 'node_modules', name), target)
    },
  }
}
