import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { InvalidError, NotFoundError } from 'antiphon'
import { z } from 'zod'
import type { Installed } from './facts.ts'
import { audited, ledger } from './ledger.ts'
import { readManifest } from './manifest-file.ts'
import { folder, locate, shown } from './place.ts'

/**
 * Lists the packages installed below a folder, sorted by path. Installed means: a folder directly below a `node_modules` (or a
 * scope in it) with a manifest that has a name or cannot be read. Links are not followed; what a package ships deeper
 * inside itself, such as fixtures, does not count.
 */
export const packages = audited({
  name: 'packages',
  description: 'Lists the packages installed below a folder as [{ path, name }].',
  effect: 'pure',
  input: z.strictObject({ folder, ledger }),
  async execute(input, context): Promise<readonly Installed[]> {
    const base = locate(input.folder, context)
    await assertFolder(base, input.folder)
    const walk = createWalk(base, context.signal)
    await walk.folder(base)
    return walk.found.sort((one, other) => (one.path < other.path ? -1 : 1))
  },
})

const MOST_FOLDERS = 200_000
const MOST_PACKAGES = 20_000

async function assertFolder(base: string, given: string): Promise<void> {
  const fault: NodeJS.ErrnoException | null = await readdir(base).then(
    () => null,
    (error) => error,
  )
  if (fault?.code === 'ENOENT') throw new NotFoundError(`folder ${given} does not exist`)
  if (fault?.code === 'ENOTDIR') throw new InvalidError(`${given} is not a folder`)
  if (fault) throw fault
}

// Gone since its parent was read, or not for this user to read: no packages to be seen there.
function noneWhenClosed(error: NodeJS.ErrnoException): readonly Dirent[] {
  if (error.code === 'ENOENT' || error.code === 'EACCES') return []
  throw error
}

function createWalk(base: string, signal: AbortSignal) {
  const found: Installed[] = []
  let visited = 0
  return { found, folder: visitFolder }

  /** A folder outside of packages: any folder in it may have installed packages. */
  async function visitFolder(path: string): Promise<void> {
    if (basename(path) === 'node_modules') return visitModules(path)
    for (const name of await foldersIn(path)) if (!name.startsWith('.')) await visitFolder(join(path, name))
  }

  async function visitModules(path: string): Promise<void> {
    for (const name of await foldersIn(path)) {
      if (name.startsWith('@')) await visitScope(join(path, name))
      else if (name.startsWith('.')) await visitStore(join(path, name))
      else await visitPackage(join(path, name), name)
    }
  }

  async function visitScope(path: string): Promise<void> {
    const scope = path.slice(path.lastIndexOf('@'))
    for (const name of await foldersIn(path)) await visitPackage(join(path, name), `${scope}/${name}`)
  }

  /** Some package managers keep the packages in a hidden folder, each with a node_modules of its own, and link to them. */
  async function visitStore(path: string): Promise<void> {
    for (const name of await foldersIn(path)) await visitModulesIn(join(path, name))
  }

  async function visitPackage(path: string, name: string): Promise<void> {
    const manifest = await readManifest(path, signal)
    const named = manifest.state === 'read' ? manifest.value.name : name
    if (manifest.state !== 'missing' && typeof named === 'string' && named !== '') {
      if (found.length === MOST_PACKAGES) throw new InvalidError(`more than ${MOST_PACKAGES} packages`)
      found.push({ path: shown(relative(base, path)), name: named })
    }
    await visitModulesIn(path)
  }

  async function visitModulesIn(path: string): Promise<void> {
    if ((await foldersIn(path)).includes('node_modules')) await visitModules(join(path, 'node_modules'))
  }

  /** Real folders only: a link could lead out of the folder or round in a circle. */
  async function foldersIn(path: string): Promise<readonly string[]> {
    signal.throwIfAborted()
    if (++visited > MOST_FOLDERS) throw new InvalidError(`more than ${MOST_FOLDERS} folders`)
    const entries = await readdir(path, { withFileTypes: true }).catch(noneWhenClosed)
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  }
}
