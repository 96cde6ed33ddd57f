import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** How a command ended, and all it wrote. */
export type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** Where a command runs; the environment is all it gets. */
export type Place = { readonly folder: string; readonly environment: Environment }
/** Sees what was written on stderr so far and may kill the command. */
export type Watch = (err: string, kill: () => void) => void
export type Environment = { readonly [name: string]: string }

// an install with an empty cache takes minutes where other suites use the same cores
const COMMAND_TIMEOUT_MS = 290_000

/** Runs a command to its end. */
export async function run(
  command: readonly string[],
  { folder, environment }: Place,
  watch: Watch = () => {},
): Promise<Ended> {
  const [name, ...args] = command
  const child = spawn(name!, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: COMMAND_TIMEOUT_MS,
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => {
    err += text
    watch(err, () => child.kill('SIGKILL'))
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const KEPT = /^(LANG|LC_\w+|TMPDIR|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy)$/i

/**
 * What a person on a new machine has: nothing of npm, vitest or antiphon, a home and a cache of npm that are empty, and the
 * system's programs, with another Node before them when one is given.
 */
export function freshEnvironment(home: string, node?: string): Environment {
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name))
  const path = [...(node === undefined ? [] : [dirname(node)]), ...systemPath()]
  return {
    ...(Object.fromEntries(kept) as Environment),
    PATH: path.join(delimiter),
    HOME: home,
    npm_config_cache: join(home, 'npm-cache'),
    npm_config_registry: npmSetting('registry'),
  }
}

function systemPath(): readonly string[] {
  return process.env.PATH!.split(delimiter).filter((folder) => !folder.includes('node_modules'))
}

/** A setting of the npm that runs the tests: where its packages come from has to be taken along. */
export function npmSetting(name: 'registry' | 'cache'): string {
  return execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim()
}

/** Whether a folder or one above it holds a node_modules, which npm and Node would look into. */
export function hasModulesAbove(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules'))) return true
  return dirname(folder) !== folder && hasModulesAbove(dirname(folder))
}
