import type { Audit } from './audit.ts'
import { findingsOf } from './findings.ts'
import { differences, extras, ownWords } from './licence-sections.ts'
import { duplicates, everything, incomplete, installScripts, largest, problems, summary } from './sections.ts'

/** The audit as a page to read; every claim names the file it rests on, with the line where there is one. */
export function markdownOf(audit: Audit): string {
  const findings = findingsOf(audit)
  const sections = [
    summary(audit),
    differences(findings),
    installScripts(findings),
    largest(audit),
    duplicates(audit),
    problems(findings),
    incomplete(findings),
    extras(audit),
    ownWords(audit),
    everything(audit),
    METHOD,
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

const METHOD = [
  '## How this was found',
  '',
  'Licence texts were compared word by word with the standard ones of the SPDX list, without case, punctuation, line breaks,',
  'copyright lines and holders; a number behind a licence says how alike they are (1 is the same, below 0.9 is unknown).',
  'Where a package has no licence file, the licence section of its README was read. Sizes are the sums of file sizes, without',
  'nested packages. Install scripts are those npm runs for a package from a registry. Links were not followed.',
]
