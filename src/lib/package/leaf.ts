import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { attempt } from '../flow/attempt.ts'
import { version } from './manifest.ts'

/**
 * Packages of this project that a user installs when they are needed, so that `npm i antiphon` stays small. A leaf is
 * code that this process runs, so it is found beside antiphon, or where the project names it, and nowhere else.
 */

/** Whether a name under `use:` is the path of a module, and not a package. */
export const isModulePath = (name: string): boolean => isAbsolute(name) || /^\.|\.m?[jt]s$/.test(name)

const named = new Map<string, string>()

/** Remembers the module of a package that the project names under `use:`. */
export const nameLeaf = (name: string, module: string): void => void named.set(name, module)

/** The module of a leaf: the one that the project names, else the one beside antiphon; undefined: there is none. */
export const leafModule = (name: string): string | undefined => named.get(name) ?? moduleBeside(import.meta.url, name)

/** The module of a package as a file at this address would import it; undefined: there is none. */
export function moduleBeside(url: string, name: string): string | undefined {
  const [, folder] = /^@antiphon\/([\w-]+)$/.exec(name) ?? []
  // a checkout has its own leaves, and runs them without a build
  const source = new URL(`../../../packages/${folder}/src/index.ts`, url)
  if (folder !== undefined && url === import.meta.url && url.endsWith('.ts') && existsSync(fileURLToPath(source)))
    return source.href
  return attempt(() => pathToFileURL(createRequire(url).resolve(name)).href)
}

/** How to install a leaf, and how a project names it where packages do not see each other. */
export const installLeaf = (name: string): string =>
  `Run \`npm install ${name}@${version()}\`. With pnpm, also write \`use: ['${name}']\` in antiphon.yaml.`
