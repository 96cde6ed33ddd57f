import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ManifestFacts } from './facts.ts'
import { keyLines } from './key-lines.ts'
import { audited, ledger } from './ledger.ts'
import { type ManifestFile, readManifest } from './manifest-file.ts'
import { folder, locatePackage, packagePath } from './place.ts'

/** Reads a package's manifest: name, version, declared licence, install scripts; what is wrong with it is a finding. */
export const manifest = audited({
  name: 'manifest',
  description: "Reads a package's name, version, declared licence and install scripts.",
  effect: 'pure',
  input: z.strictObject({ folder, path: packagePath, ledger }),
  async execute(input, context): Promise<ManifestFacts> {
    const directory = locatePackage(input, context)
    const file = await readManifest(directory, context.signal)
    const built = await exists(join(directory, 'binding.gyp'))
    return manifestFactsOf(input.path, file, built)
  },
})

/** What a manifest says; `built`: the package has native code that npm builds when no install script says otherwise. */
function manifestFactsOf(path: string, read: ManifestFile, built: boolean): ManifestFacts {
  const file = `${path}/package.json`
  if (read.state !== 'read') return unreadable(path, file, read)
  const { value } = read
  const lines = keyLines(read.text)
  const licence = declaredLicence(value)
  const declaredLine = lines.get(licence.key) ?? null
  const version = typeof value.version === 'string' ? value.version : null
  return {
    path,
    file,
    name: typeof value.name === 'string' ? value.name : nameOf(path),
    version,
    declared: licence.declared,
    declaredLine,
    scripts: installScripts(value, path, lines, built),
    problems: [
      ...(version === null ? [{ message: 'has no version', file, line: null }] : []),
      ...(licence.problem === null ? [] : [{ message: licence.problem, file, line: declaredLine }]),
    ],
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function unreadable(path: string, file: string, read: Exclude<ManifestFile, { state: 'read' }>): ManifestFacts {
  const problem =
    read.state === 'missing'
      ? { message: 'has no package.json', line: null }
      : { message: read.message, line: read.line }
  const nothing = { version: null, declared: null, declaredLine: null, scripts: [] }
  return { path, file, name: nameOf(path), ...nothing, problems: [{ ...problem, file }] }
}

function nameOf(path: string): string {
  return /(?:@[^/]+\/)?[^/]+$/.exec(path)?.[0] ?? path
}

type Value = { readonly [key: string]: unknown }
type Declared = { readonly declared: string | null; readonly key: string; readonly problem: string | null }

function declaredLicence(value: Value): Declared {
  const key = value.license === undefined && value.licenses !== undefined ? 'licenses' : 'license'
  const given = value[key]
  if (given === undefined) return { declared: null, key, problem: null }
  if (typeof given === 'string' && given.trim() !== '') return { declared: given.trim(), key, problem: null }
  const types = [given].flat().map(typeOf)
  const known = types.filter((type) => type !== null)
  if (known.length === 0 || known.length < types.length)
    return { declared: null, key, problem: `"${key}" names no licence` }
  const declared = known.length === 1 ? known[0]! : `(${known.join(' OR ')})`
  return { declared, key, problem: `"${key}" has a form that npm no longer takes` }
}

// The old forms: { type, url } and a list of such.
function typeOf(given: unknown): string | null {
  const type = typeof given === 'object' && given !== null && 'type' in given ? given.type : given
  return typeof type === 'string' && type.trim() !== '' ? type.trim() : null
}

// What npm runs for a package that comes from a registry; `prepare` is only for sources.
const EVENTS = ['preinstall', 'install', 'postinstall'] as const

function installScripts(value: Value, path: string, lines: ReadonlyMap<string, number>, built: boolean) {
  const scripts = typeof value.scripts === 'object' && value.scripts !== null ? { ...value.scripts } : {}
  const own = Object.entries(scripts).flatMap(([event, command]) =>
    typeof command === 'string' && EVENTS.some((known) => known === event)
      ? [{ event, command, file: `${path}/package.json`, line: lines.get(`scripts.${event}`) ?? null }]
      : [],
  )
  const replaced = own.some(({ event }) => event !== 'postinstall')
  if (!built || replaced || value.gypfile === false) return own
  return [{ event: 'install', command: 'node-gyp rebuild', file: `${path}/binding.gyp`, line: null }, ...own]
}
