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

/** Packs this checkout and installs the result with the real npm. */
export const installPacked = (): Promise<Project> =>
  inFolder(async (top) => {
    await pack(top, [])
    return [join(top, tarballsIn(top)[0]!)]
  })

/** Packs packages of `packages/`, and installs them beside the packed antiphon of another project. */
export const installWith = ({ tarball }: Project, packages: readonly string[]): Promise<Project> =>
  inFolder(async (top) => {
    for (const name of packages) await pack(top, ['-w', name])
    return [tarball, ...tarballsIn(top).map((name) => join(top, name))]
  })

/** An empty project with tarballs, the one of antiphon first. */
async function inFolder(tarballsAt: (top: string) => Promise<readonly string[]>): Promise<Project> {
  const top = mkdtempSync(join(tmpdir(), 'antiphon-pack-'))
  const remove = () => rmSync(top, { recursive: true, force: true })
  try {
    const folder = join(top, 'project')
    mkdirSync(folder)
    // what was downloaded for this checkout need not come again
    const cache = { npm_config_cache: npmSetting('cache'), npm_config_prefer_offline: 'true' }
    const environment = { ...freshEnvironment(top, NODE), ...cache }
    const opened = openProject(folder, environment)
    opened.write('package.json', '{ "name": "own", "version": "1.0.0", "private": true, "type": "module" }')
    const tarballs = await tarballsAt(top)
    await succeed(['npm', 'install', '--no-audit', '--no-fund', ...tarballs], folder, environment)
    return { ...opened, tarball: tarballs[0]!, remove }
  } catch (error) {
    remove()
    throw error
  }
}

const tarballsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.tgz'))

const pack = (top: string, which: readonly string[]) =>
  succeed(['npm', 'pack', ...which, '--pack-destination', top], ROOT, freshEnvironment(top, process.execPath))

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
