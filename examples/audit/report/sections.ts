import type { Audit, Row } from './audit.ts'
import { type Findings, largestOf, placeIn } from './findings.ts'
import { code, size, table, tableOr } from './format.ts'
import { shownLicence, title, where } from './licence-sections.ts'

/** What was audited, and the numbers. */
export function summary({ folder, totals }: Audit): readonly string[] {
  const verdicts = Object.entries(totals.verdicts).filter(([, count]) => count > 0)
  return [
    `# Audit of ${code(folder)}`,
    '',
    `${totals.packages} packages, ${size(totals.bytes)} in ${totals.files} files.`,
    '',
    ...table(
      ['licence text against manifest', 'packages'],
      verdicts.map(([verdict, count]) => [verdict, String(count)]),
    ),
    '',
    ...table(
      ['declared licence', 'packages'],
      Object.entries(totals.declared).map(([declared, count]) => [declared, String(count)]),
    ),
  ]
}

/** What npm runs when these packages are installed. */
export function installScripts({ installScripts }: Findings): readonly string[] {
  const rows = installScripts.map((script) => [title(script), script.event, code(script.command), code(script.place)])
  return ['## Install scripts', '', ...tableOr('None.', ['package', 'event', 'command', 'where'], rows)]
}

const LARGEST = 20

/** The largest packages. */
export function largest({ folder, packages }: Audit): readonly string[] {
  const rows = largestOf(packages, LARGEST).map((row) => {
    return [title(row), size(row.bytes), String(row.files), code(placeIn(folder, { file: row.path, line: null }))]
  })
  return ['## Largest', '', ...tableOr('None.', ['package', 'size', 'files', 'where'], rows)]
}

/** Packages in several versions. */
export function duplicates({ folder, duplicates }: Audit): readonly string[] {
  const rows = duplicates.flatMap(({ name, versions }) =>
    versions.map(({ version, paths }) => {
      const files = paths.map((path) => code(placeIn(folder, { file: `${path}/package.json`, line: null })))
      return [name, version, files.join(' ')]
    }),
  )
  return ['## In several versions', '', ...tableOr('None.', ['package', 'version', 'where'], rows)]
}

/** What is wrong with manifests. */
export function problems({ problems }: Findings): readonly string[] {
  const rows = problems.map((problem) => [title(problem), problem.message, code(problem.place)])
  return ['## Manifests with faults', '', ...tableOr('None.', ['package', 'fault', 'where'], rows)]
}

/** Packages of which a step failed: nothing is said about what it would have told. */
export function incomplete({ incomplete }: Findings): readonly string[] {
  const rows = incomplete.map((row) => [title(row), row.lacking.join(', '), code(row.path)])
  return ['## Not audited in full', '', ...tableOr('None.', ['package', 'steps without a result', 'path'], rows)]
}

/** One row for every package. */
export function everything({ folder, packages }: Audit): readonly string[] {
  const rows = packages.map((row) => [
    title(row),
    row.declared ?? '(none)',
    code(placeIn(folder, { file: `${row.path}/package.json`, line: row.declaredLine })),
    texts(row),
    where(folder, row.licences),
    row.bytes === null ? '?' : size(row.bytes),
  ])
  return ['## All packages', '', ...table(['package', 'declared', 'where', 'text', 'where', 'size'], rows)]
}

function texts({ licences }: Row): string {
  return [...new Set(licences.map(shownLicence))].join(', ') || '(none)'
}
