import {
  type Comparison,
  type Duplicate,
  type FoundLicence,
  type ManifestFacts,
  type PackageFacts,
  type Place,
  VERDICTS,
} from '../facts.ts'

/** All facts of one package in a row; what a failed step would have told is null, and the step is named in `lacking`. */
export type Row = {
  readonly path: string
  readonly name: string
  readonly version: string | null
  readonly declared: string | null
  readonly declaredLine: number | null
  readonly verdict: Comparison['verdict'] | null
  readonly reason: string | null
  readonly places: readonly Place[]
  readonly extra: readonly string[]
  readonly missing: readonly string[]
  readonly licences: readonly FoundLicence[]
  readonly licenceFiles: readonly { readonly file: string; readonly words: number; readonly outside: number }[]
  readonly scripts: ManifestFacts['scripts']
  readonly problems: ManifestFacts['problems']
  readonly bytes: number | null
  readonly files: number | null
  readonly lacking: readonly string[]
}

export type Totals = {
  readonly packages: number
  readonly bytes: number
  readonly files: number
  readonly installScripts: number
  readonly duplicates: number
  readonly problems: number
  readonly incomplete: number
  readonly verdicts: Readonly<Record<string, number>>
  readonly declared: Readonly<Record<string, number>>
}

/** The whole audit as it is written down: the same for the same facts, whatever their order; no time, no absolute path. */
export type Audit = {
  readonly folder: string
  readonly totals: Totals
  readonly packages: readonly Row[]
  readonly duplicates: readonly Duplicate[]
}

/** Puts the facts of all packages together. */
export function auditOf(
  folder: string,
  results: readonly (PackageFacts | null)[],
  duplicates: readonly Duplicate[],
): Audit {
  const packages = results.map(rowOf).sort((one, other) => order(one.path, other.path))
  return { folder, totals: totalsOf(packages, duplicates), packages, duplicates }
}

const STEPS = ['manifest', 'licence', 'compare', 'disk'] as const

function rowOf(facts: PackageFacts | null, at: number): Row {
  const { manifest, licence, compare, disk } = facts ?? {}
  const path = (manifest ?? licence ?? compare ?? disk)?.path ?? `(package ${at + 1})`
  return {
    path,
    name: manifest?.name ?? path,
    version: manifest?.version ?? null,
    declared: manifest?.declared ?? null,
    declaredLine: manifest?.declaredLine ?? null,
    verdict: compare?.verdict ?? null,
    reason: compare?.reason ?? null,
    places: compare?.places ?? [],
    extra: compare?.extra ?? [],
    missing: compare?.missing ?? [],
    licences: licence?.found ?? [],
    licenceFiles: licence?.files ?? [],
    scripts: manifest?.scripts ?? [],
    problems: manifest?.problems ?? [],
    bytes: disk?.bytes ?? null,
    files: disk?.files ?? null,
    lacking: STEPS.filter((step) => !facts?.[step]),
  }
}

function totalsOf(packages: readonly Row[], duplicates: readonly Duplicate[]): Totals {
  const sum = (count: (row: Row) => number) => packages.reduce((total, row) => total + count(row), 0)
  return {
    packages: packages.length,
    bytes: sum(({ bytes }) => bytes ?? 0),
    files: sum(({ files }) => files ?? 0),
    installScripts: sum(({ scripts }) => scripts.length),
    duplicates: duplicates.length,
    problems: sum(({ problems }) => problems.length),
    incomplete: sum(({ lacking }) => Math.min(lacking.length, 1)),
    verdicts: Object.fromEntries(VERDICTS.map((verdict) => [verdict, sum((row) => Number(row.verdict === verdict))])),
    declared: countDeclared(packages),
  }
}

function countDeclared(packages: readonly Row[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(packages, ({ declared }) => declared ?? '(none)')
  const counts = [...groups].map(([declared, rows]) => [declared, rows.length] as const)
  return Object.fromEntries(counts.sort((one, other) => other[1] - one[1] || order(one[0], other[0])))
}

function order(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
