import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { attempt } from '../flow/attempt.ts'
import { PACKAGES } from './packages.ts'

const OWN = new URL('../../..', import.meta.url).href
const projects = new Set<string>()

/**
 * Lets the optional packages be found from a project, too: pnpm and a global install keep them apart from antiphon. The
 * project is one whose code this process runs anyway.
 */
export function findPackagesFrom(folder: string): void {
  if (projects.size === 0) registerHooks({ resolve })
  projects.add(pathToFileURL(join(folder, 'package.json')).href)
}

/** The path of a file of an optional package, from antiphon or a project. @throws if there is none */
export function pathInPackage(name: string): string {
  const [found] = [import.meta.url, ...projects].flatMap((from) => attempt(() => createRequire(from).resolve(name), []))
  if (found !== undefined) return found
  throw new Error(`Cannot find ${name}`)
}

const resolve: Parameters<typeof registerHooks>[0]['resolve'] = (name, context, next) => {
  try {
    return next(name, context)
  } catch (error) {
    if (!context.parentURL?.startsWith(OWN) || !isOptional(name)) throw error
    for (const parentURL of projects)
      try {
        return next(name, { ...context, parentURL })
      } catch {
        // another project may have it
      }
    throw error
  }
}

const isOptional = (name: string) =>
  Object.keys(PACKAGES).some((known) => name === known || name.startsWith(`${known}/`))
