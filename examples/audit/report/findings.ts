import type { Duplicate, Place } from '../facts.ts'
import type { Audit, Row, Totals } from './audit.ts'

type Named = { readonly name: string; readonly version: string | null; readonly path: string }

/** What matters of an audit. Places are `file:line`. */
export type Findings = {
  readonly totals: Totals
  readonly differences: readonly (Named & {
    readonly verdict: string
    readonly reason: string
    readonly places: readonly string[]
  })[]
  readonly installScripts: readonly (Named & {
    readonly event: string
    readonly command: string
    readonly place: string
  })[]
  readonly largest: readonly (Named & { readonly bytes: number; readonly files: number })[]
  readonly duplicates: readonly Duplicate[]
  readonly problems: readonly (Named & { readonly message: string; readonly place: string })[]
  readonly incomplete: readonly (Named & { readonly lacking: readonly string[] })[]
}

const LARGEST = 5

/** The findings that matter: where licence and text do not agree, install scripts, the largest, duplicates, what went wrong. */
export function findingsOf({ folder, totals, packages, duplicates }: Audit): Findings {
  return {
    totals,
    differences: packages.flatMap((row) => difference(folder, row)),
    installScripts: packages.flatMap((row) => scripts(folder, row)),
    largest: largestOf(packages, LARGEST),
    duplicates,
    problems: packages.flatMap((row) => problems(folder, row)),
    incomplete: packages.flatMap((row) => (row.lacking.length > 0 ? [{ ...named(row), lacking: row.lacking }] : [])),
  }
}

/** The findings with each list cut to its first `most`; the totals still tell how many there are. */
export function cutTo(most: number, findings: Findings): Findings {
  return {
    totals: findings.totals,
    differences: findings.differences.slice(0, most),
    installScripts: findings.installScripts.slice(0, most),
    largest: findings.largest.slice(0, most),
    duplicates: findings.duplicates.slice(0, most),
    problems: findings.problems.slice(0, most),
    incomplete: findings.incomplete.slice(0, most),
  }
}

/** The packages with most bytes, the largest first. */
export function largestOf(packages: readonly Row[], most: number): Findings['largest'] {
  return packages
    .flatMap((row) => (row.bytes === null ? [] : [{ ...named(row), bytes: row.bytes, files: row.files ?? 0 }]))
    .sort((one, other) => other.bytes - one.bytes || (one.path < other.path ? -1 : 1))
    .slice(0, most)
}

/** A place in the audited folder as a reader can open it: `folder/file:line`. */
export function placeIn(folder: string, { file, line }: Place): string {
  const base = folder.replace(/\/+$/, '')
  const path = base === '.' ? file : `${base}/${file}`
  return line === null ? path : `${path}:${line}`
}

function difference(folder: string, row: Row): Findings['differences'] {
  if (row.verdict === null || row.verdict === 'agrees') return []
  const places = row.places.map((place) => placeIn(folder, place))
  return [{ ...named(row), verdict: row.verdict, reason: row.reason ?? '', places }]
}

function scripts(folder: string, row: Row): Findings['installScripts'] {
  return row.scripts.map((script) => {
    return { ...named(row), event: script.event, command: script.command, place: placeIn(folder, script) }
  })
}

function problems(folder: string, row: Row): Findings['problems'] {
  return row.problems.map((problem) => ({ ...named(row), message: problem.message, place: placeIn(folder, problem) }))
}

function named({ name, version, path }: Row): Named {
  return { name, version, path }
}
