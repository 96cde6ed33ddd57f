import { once } from '../once.ts'
import { idOfName } from '../text/names.ts'
import { standardNames } from '../text/standard.ts'
import { currentId } from './ids.ts'
import { type Expression, idsIn, parseExpression } from './parse.ts'

/** What a manifest's licence means: an expression of known ids, a file to read, no licence at all, or nothing known. */
export type Declaration =
  | { readonly type: 'expression'; readonly expression: Expression }
  | { readonly type: 'file'; readonly name: string }
  | { readonly type: 'unlicensed' }
  | { readonly type: 'unknown'; readonly reason: string }

/** Reads a declared licence; deprecated ids, ids in the wrong case and common names are taken for the current ids. */
export function readDeclaration(declared: string): Declaration {
  const file = /^SEE LICEN[CS]E IN (.+)$/i.exec(declared)?.[1]
  if (file !== undefined) return { type: 'file', name: file.trim().replace(/^\.\//, '') }
  if (/^UNLICEN[CS]ED$/i.test(declared)) return { type: 'unlicensed' }
  const named = idOfName(declared)
  const parsed =
    parseExpression(declared) ?? (named === null ? null : { type: 'licence' as const, id: named, exception: null })
  if (parsed === null) return { type: 'unknown', reason: `"${declared}" is no SPDX expression` }
  const expression = withKnownIds(parsed)
  const stranger = idsIn(expression).find((id) => !isKnown(id))
  if (stranger !== undefined) return { type: 'unknown', reason: `"${stranger}" is no SPDX licence id` }
  return { type: 'expression', expression }
}

const OWN = /^(?:LicenseRef|DocumentRef)-/

function isKnown(id: string): boolean {
  return standardNames().has(id) || OWN.test(id)
}

function withKnownIds(expression: Expression): Expression {
  if (expression.type !== 'licence') return { ...expression, parts: expression.parts.map(withKnownIds) }
  return { ...expression, id: knownId(expression.id) }
}

const idsByLowerCase = once(() => new Map([...standardNames().keys()].map((id) => [id.toLowerCase(), id])))

/** The id as the SPDX list has it; `+` on an id that has no such form of its own is "or later", which has the same text. */
function knownId(id: string): string {
  const ids = idsByLowerCase()
  const known = ids.get(id.toLowerCase()) ?? ids.get(id.toLowerCase().replace(/\+$/, '')) ?? idOfName(id)
  return known ? currentId(known) : id
}
