import { readdir } from 'node:fs/promises'

const LICENCE = /^(?:.*[-_. ])?(?:un)?(?:licen[cs]es?|copying)(?:[-_. ].*)?$/i
const CODE = /\.(?:[cm]?[jt]sx?|json|map|ya?ml|html?|css|svg|png|sh|py)$/i
const README = /^readme(?:\.(?:md|markdown|txt|rst))?$/i
const MOST = 20

/** The names of the licence files in a package's folder, its own before those of others, and of its README if there is one. */
export async function licenceFilesIn(
  directory: string,
): Promise<{ licences: readonly string[]; readme: string | null }> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  return {
    licences: names.filter(isLicence).sort(byRank).slice(0, MOST),
    readme: names.filter((name) => README.test(name)).sort()[0] ?? null,
  }
}

function isLicence(name: string): boolean {
  return LICENCE.test(name) && !CODE.test(name)
}

function byRank(one: string, other: string): number {
  return rankOf(one) - rankOf(other) || (one < other ? -1 : 1)
}

// LICENSE and LICENSE.md first, then LICENSE-MIT, then THIRD-PARTY-LICENSES: what comes first speaks for the package.
function rankOf(name: string): number {
  if (/third|3rd|part(?:y|ies)|bundle|vendor|dependenc/i.test(name)) return 2
  return /^(?:un)?(?:licen[cs]e|copying)(?:\.(?:md|markdown|txt|rst))?$/i.test(name) ? 0 : 1
}
