import type { FoundLicence, LicenceFacts, ManifestFacts } from '../../../examples/audit/facts.ts'

/** What the manifest tool would say of a plain package. */
export function manifestOf(facts: Partial<ManifestFacts> = {}): ManifestFacts {
  const path = facts.path ?? 'a'
  return {
    path,
    file: `${path}/package.json`,
    name: path,
    version: '1.0.0',
    declared: 'MIT',
    declaredLine: 4,
    scripts: [],
    problems: [],
    ...facts,
  }
}

/** What the licence tool would say of a package with these licences, each in a file and on a line of its own. */
export function licencesOf(...found: readonly Partial<FoundLicence>[]): LicenceFacts {
  return {
    path: 'a',
    found: found.map((one, at) => ({
      file: 'a/LICENSE',
      line: at + 1,
      licence: 'MIT',
      also: [],
      by: 'text',
      score: 1,
      nearest: null,
      count: 1,
      ...one,
    })),
    files: [],
  }
}
