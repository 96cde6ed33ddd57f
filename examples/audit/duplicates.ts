import { z } from 'zod'
import { type Duplicate, type ManifestFacts, packageFacts } from './facts.ts'
import { audited, ledger } from './ledger.ts'

/** Lists the packages that are installed in more than one version, by name. */
export const duplicates = audited({
  name: 'duplicates',
  description: 'Lists the packages installed in several versions as [{ name, versions: [{ version, paths }] }].',
  effect: 'pure',
  input: z.strictObject({ results: z.array(packageFacts.pick({ manifest: true }).nullable()), ledger }),
  execute: ({ results }): readonly Duplicate[] => duplicatesOf(results.flatMap((result) => result?.manifest ?? [])),
})

type Versioned = Pick<ManifestFacts, 'name' | 'version' | 'path'>

/** The names with several versions, sorted; a package without a version counts for none. */
function duplicatesOf(manifests: readonly Versioned[]): readonly Duplicate[] {
  const byName = Map.groupBy(manifests, ({ name }) => name)
  return [...byName.entries()]
    .map(([name, copies]) => ({ name, versions: versionsOf(copies) }))
    .filter(({ versions }) => versions.length > 1)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function versionsOf(copies: readonly Versioned[]): Duplicate['versions'] {
  const versioned = copies.flatMap(({ version, path }) => (version === null ? [] : [{ version, path }]))
  return [...Map.groupBy(versioned, ({ version }) => version).entries()]
    .map(([version, same]) => ({ version, paths: same.map(({ path }) => path).sort() }))
    .sort((one, other) => one.version.localeCompare(other.version, 'en', { numeric: true }))
}
