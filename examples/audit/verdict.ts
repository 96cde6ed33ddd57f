import { readDeclaration } from './expression/declaration.ts'
import { judge, names } from './expression/judge.ts'
import type { Expression } from './expression/parse.ts'
import type { Comparison, FoundLicence, LicenceFacts, ManifestFacts, Place } from './facts.ts'

/** How a declared licence and the licences found in the package's files go together. */
export function comparisonOf(manifest: ManifestFacts, licence: LicenceFacts): Comparison {
  const texts = licence.found.filter(isText)
  const found = [...new Set(texts.map((text) => text.licence))]
  const none = { path: manifest.path, declared: manifest.declared, found, extra: [], missing: [] }
  return { ...none, ...findingOf({ manifest, all: licence.found, texts }) }
}

type Finding = Pick<Comparison, 'verdict' | 'reason' | 'places'> & Partial<Pick<Comparison, 'extra' | 'missing'>>
type Text = FoundLicence & { readonly licence: string }
type Facts = {
  readonly manifest: ManifestFacts
  readonly all: readonly FoundLicence[]
  readonly texts: readonly Text[]
}

function isText(found: FoundLicence): found is Text {
  return found.licence !== null && (found.by === 'text' || found.by === 'excerpt')
}

function findingOf(facts: Facts): Finding {
  if (facts.manifest.declared === null) return undeclared(facts)
  const declaration = readDeclaration(facts.manifest.declared)
  switch (declaration.type) {
    case 'unlicensed':
      return unlicensed(facts)
    case 'file':
      return referred(facts, declaration.name)
    case 'unknown':
      return { verdict: 'unknown-declaration', reason: declaration.reason, places: placesOf(facts, facts.all) }
    case 'expression':
      return facts.texts.length > 0 ? judged(facts, declaration.expression) : textless(facts, declaration.expression)
  }
}

function undeclared(facts: Facts): Finding {
  const shown = facts.all.length === 0 ? 'there is no text' : `the text is ${listed(facts.all)}`
  return { verdict: 'no-declaration', reason: `declares nothing, ${shown}`, places: placesOf(facts, facts.all) }
}

function unlicensed(facts: Facts): Finding {
  const places = placesOf(facts, facts.texts)
  if (facts.texts.length === 0) return { verdict: 'agrees', reason: 'grants no licence, and no text does', places }
  const extra = [...new Set(facts.texts.map(({ licence }) => licence))]
  return {
    verdict: 'differs',
    reason: `declares that it grants no licence, the text is ${listed(facts.texts)}`,
    extra,
    places,
  }
}

function referred(facts: Facts, name: string): Finding {
  const there = facts.all.filter(({ file }) => file === `${facts.manifest.path}/${name}`)
  if (there.length === 0)
    return { verdict: 'no-text', reason: `refers to ${name}, which is not there`, places: placesOf(facts, []) }
  return { verdict: 'agrees', reason: `refers to ${name}, which is ${listed(there)}`, places: placesOf(facts, there) }
}

function judged(facts: Facts, expression: Expression): Finding {
  const { satisfied, missing, extra } = judge(expression, facts.texts)
  const places = placesOf(facts, facts.texts)
  const shown = `the text is ${listed(facts.texts)}`
  // The first text speaks for the package; what follows in a list of bundled code need not be declared.
  const agrees = satisfied && names(expression, facts.texts[0]!)
  if (agrees) return { verdict: 'agrees', reason: shown, missing, extra, places }
  return { verdict: 'differs', reason: `declares ${facts.manifest.declared}, ${shown}`, missing, extra, places }
}

/** No whole text: a name or an unknown text may still say something. */
function textless(facts: Facts, expression: Expression): Finding {
  const { missing, extra } = judge(expression, facts.all.flatMap(named))
  const places = placesOf(facts, facts.all)
  const declared = facts.manifest.declared
  if (facts.all.length === 0)
    return { verdict: 'no-text', reason: `declares ${declared} without a text`, missing, places }
  const unknown = facts.all.find(({ licence }) => licence === null)
  if (unknown) return { verdict: 'unknown-text', reason: unknownReason(unknown), missing, places }
  if (extra.length > 0) {
    return {
      verdict: 'differs',
      reason: `declares ${declared}, its files name ${extra.join(', ')}`,
      missing,
      extra,
      places,
    }
  }
  return { verdict: 'no-text', reason: `declares ${declared}, its files name it without the text`, missing, places }
}

function named(found: FoundLicence) {
  return found.licence === null ? [] : [{ licence: found.licence, also: found.also }]
}

function unknownReason({ nearest, score }: FoundLicence): string {
  return nearest === null
    ? 'the text is like no standard one'
    : `the text is no standard one; nearest is ${nearest} (${score})`
}

function listed(found: readonly FoundLicence[]): string {
  const shown = found.map(
    ({ licence, by }) => (licence ?? 'an unknown text') + (by === 'excerpt' ? ' (by its notice)' : ''),
  )
  return [...new Set(shown)].join(', ')
}

function placesOf({ manifest }: Facts, found: readonly FoundLicence[]): Place[] {
  const declared = { file: manifest.file, line: manifest.declaredLine }
  return [declared, ...found.map(({ file, line }) => ({ file, line }))]
}
