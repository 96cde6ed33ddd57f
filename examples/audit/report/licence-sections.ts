import type { FoundLicence } from '../facts.ts'
import type { Audit, Row } from './audit.ts'
import { type Findings, placeIn } from './findings.ts'
import { code, tableOr } from './format.ts'

/** Where the declared licence and the text do not go together. */
export function differences({ differences }: Findings): readonly string[] {
  const rows = differences.map(({ name, version, verdict, reason, places }) => {
    return [title({ name, version }), verdict, reason, places.map(code).join(' ')]
  })
  return [
    '## Licence text against manifest',
    '',
    ...tableOr('All agree.', ['package', 'verdict', 'finding', 'where'], rows),
  ]
}

/** Texts of licences that the manifest does not name, mostly of code that is bundled. */
export function extras({ folder, packages }: Audit): readonly string[] {
  const rows = packages
    .filter(({ extra, verdict }) => extra.length > 0 && verdict === 'agrees')
    .map((row) => [title(row), row.declared ?? '', row.extra.join(', '), where(folder, extraTexts(row))])
  return [
    '## More licences than declared',
    '',
    ...tableOr('None.', ['package', 'declared', 'also holds', 'where'], rows),
  ]
}

const OWN_WORDS = 20

/** Licence files that hold a standard text and words of their own beside it. */
export function ownWords({ folder, packages }: Audit): readonly string[] {
  const rows = packages.flatMap((row) =>
    row.licenceFiles
      .filter(
        ({ file, outside }) =>
          outside >= OWN_WORDS && row.licences.some((text) => text.file === file && text.by === 'text'),
      )
      .map(({ file, words, outside }) => [
        title(row),
        `${outside} of ${words}`,
        code(placeIn(folder, { file, line: null })),
      ]),
  )
  return [
    '## Words beside the standard texts',
    '',
    ...tableOr('None.', ['package', 'words in no standard text', 'where'], rows),
  ]
}

/** A licence as a table shows it: its id, and how it was found when not by its whole text. */
export function shownLicence({ licence, by, score, nearest }: FoundLicence): string {
  if (licence === null) return nearest === null ? 'unknown' : `unknown (nearest ${nearest}, ${score})`
  if (by === 'name') return `${licence} (only named)`
  if (by === 'excerpt') return `${licence} (notice)`
  return score === 1 ? licence : `${licence} (${score})`
}

/** A package as the tables name it. */
export function title({ name, version }: Pick<Row, 'name' | 'version'>): string {
  return version === null ? name : `${name} ${version}`
}

/** The places of licences, as code. */
export function where(folder: string, licences: readonly FoundLicence[]): string {
  return licences.map((licence) => code(placeIn(folder, licence))).join(' ')
}

function extraTexts({ licences, extra }: Row): readonly FoundLicence[] {
  return licences.filter(({ licence }) => licence !== null && extra.includes(licence))
}
