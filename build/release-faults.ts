export type Manifest = {
  readonly name: string
  readonly version: string
  readonly exports?: { readonly [name: string]: unknown }
  readonly [field: string]: unknown
}

/** Fields that say who stands behind a package. */
const GIVEN = ['repository', 'homepage', 'bugs', 'author']
const OURS = ['description', 'license', 'engines', 'files', 'publishConfig']

/** A line for each field that a manifest lacks. */
export function faultsOfManifest(folder: string, manifest: Manifest): readonly string[] {
  const lacking = (fields: readonly string[], why: string) =>
    fields
      .filter((field) => manifest[field] === undefined)
      .map((field) => `${folder}/package.json has no \`${field}\`${why}`)
  return [...lacking(GIVEN, ': a person gives it, and none is made up.'), ...lacking(OURS, '.')]
}

/** The README's first command is one by name, once the names on npm are ours, and not before. */
export function faultsOfReadme(readme: string, isOnNpm: boolean): readonly string[] {
  const byName = /^npm create antiphon\b/m.test(readme)
  if (byName && !isOnNpm)
    return ['README.md runs a package by name that is not ours: IS_ON_NPM in create/project.js is false.']
  if (byName) return []
  return ['README.md packs antiphon by hand: with this version it says `npm create antiphon`, and IS_ON_NPM is true.']
}

/** The API may change if the CHANGELOG has a part for this version. */
export function undeclaredApi(changed: readonly string[], changelog: string, version: string): readonly string[] {
  if (changed.length === 0 || changelog.includes(`## ${version}`)) return []
  return [`${changed.join(', ')} changed since the last version, and CHANGELOG.md has no part "${version}".`]
}

const KNOWN = new Set(
  'MIT ISC 0BSD Apache-2.0 BSD BSD-2-Clause BSD-3-Clause BlueOak-1.0.0 CC0-1.0 Unlicense MPL-2.0 Python-2.0'.split(' '),
)

/** A line for each package whose licence nobody has looked at. */
export function unknownLicences(licences: ReadonlyMap<string, string>): readonly string[] {
  const isKnown = (licence: string) =>
    licence
      .replace(/[()]/g, '')
      .split(/ (?:OR|AND) /)
      .some((one) => KNOWN.has(one))
  return [...licences].filter(([, licence]) => !isKnown(licence)).map(([name, licence]) => `${name}: ${licence}`)
}
