import { shortPath } from '../../src/cli/terminal/errors.ts'
import { formatCount } from '../../src/cli/terminal/format.ts'
import type { Answer } from '../../src/thread/room/port.ts'
import { holds, type Proof } from './proof.ts'

type Finding = { readonly name: string; readonly version: string | null }
/** The outputs of examples/audit.yaml. */
export type Outputs = {
  readonly totals: {
    readonly packages: number
    readonly bytes: number
    readonly verdicts: { readonly [verdict: string]: number }
  }
  readonly differences: readonly (Finding & {
    readonly verdict: string
    readonly reason: string
    readonly places: readonly string[]
  })[]
  readonly install_scripts: readonly (Finding & {
    readonly event: string
    readonly command: string
    readonly place: string
  })[]
  readonly largest: readonly (Finding & { readonly bytes: number })[]
  readonly duplicates: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[]
  readonly written: { readonly markdown: string; readonly json: string }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
const nameOf = ({ name, version }: Finding) => `${name} ${version ?? '(no version)'}`

/** What the audit found that matters, as lines. */
export function findingLines(outputs: Outputs): readonly string[] {
  const { totals, differences, install_scripts: scripts, largest, duplicates } = outputs
  return [
    `Audit: ${formatCount(totals.packages, 'package')}, ${megabytes(totals.bytes)}; ${totals.verdicts.agrees ?? 0} include the text of the licence they declare.`,
    ...block(
      'Licence text against manifest',
      differences,
      (one) => `${nameOf(one)}: ${one.reason} (${one.places.join(', ')})`,
    ),
    ...block('Install scripts', scripts, (one) => `${nameOf(one)}: ${one.event} \`${one.command}\` (${one.place})`),
    ...block('Largest', largest, (one) => `${nameOf(one)}  ${megabytes(one.bytes)}`),
    ...block(
      'Several versions',
      duplicates,
      (one) => `${one.name}: ${one.versions.map(({ version }) => version).join(', ')}`,
    ),
  ]
}

const SHOWN = 5

function block<T>(title: string, items: readonly T[], line: (item: T) => string): readonly string[] {
  if (items.length === 0) return [`  ${title}: none`]
  const more = items.length - SHOWN
  const shown = items.slice(0, SHOWN).map((item) => `    ${line(item)}`)
  return [`  ${title}:`, ...shown, ...(more > 0 ? [`    … and ${more} more in the report`] : [])]
}

/** An answer with the places it rests on. */
export function answerLines(prompt: string, { answer, citations }: Answer, folder: string): readonly string[] {
  const sources = citations.map(({ file, line }) => `${shortPath(file, folder)}:${line}`)
  return [
    `Question: ${prompt}`,
    `  ${answer.replace(/\s*<vid>.*?<\/vid>/g, '').replace(/\s+/g, ' ')}`,
    `  ${[...new Set(sources)].join(', ')}`,
  ]
}

/** What the kill cost; `resumed` in ms from the SIGKILL to the first new start. */
export function proofLine(proof: Proof, resumed: number | undefined): string {
  const { reused, reworked, repeated, inFlight, lost } = proof
  const facts = [
    resumed === undefined ? 'resume not seen' : `resumed in ${Math.round(resumed)} ms`,
    `${reused} steps reused${reworked > 0 ? `, ${reworked} REWORKED` : ''}`,
    `${repeated} of ${inFlight} in-flight steps repeated`,
    `${lost} lost`,
  ]
  return `Killed halfway and started again: ${facts.join(' · ')}${holds(proof) ? '' : '  — this must not happen'}`
}

/** Where to go from here. */
export function nextLines(): readonly string[] {
  return [
    'Try next:',
    '  npx antiphon run examples/audit.yaml -i folder=PATH          the same for another folder',
    '  npx antiphon runs                                            what ran here',
    '  npx antiphon ui                                              all of it in a browser',
    '  npx antiphon ask "What is a turn?" --file docs/concepts.md   a question of your own',
  ]
}
