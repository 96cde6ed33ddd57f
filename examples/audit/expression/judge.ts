import { textId } from './ids.ts'
import { type Expression, idsIn } from './parse.ts'

/** A licence whose text was found; `also` are ids with the same text. */
export type Evidence = { readonly licence: string; readonly also: readonly string[] }

/** Whether the texts found are those an expression asks for, which of its ids have no text, and which texts it does not name. */
export type Judgement = {
  readonly satisfied: boolean
  readonly missing: string[]
  readonly extra: string[]
}

/** Holds the texts found against an expression: of OR one text is enough, of AND all are needed. */
export function judge(expression: Expression, found: readonly Evidence[]): Judgement {
  const ids = [...new Set(idsIn(expression))]
  return {
    satisfied: isSatisfied(expression, found),
    missing: ids.filter((id) => !found.some((evidence) => shows(evidence, id))),
    extra: [...new Set(found.filter((evidence) => !names(expression, evidence)).map(({ licence }) => licence))],
  }
}

/** Whether an expression names the licence of a text. */
export function names(expression: Expression, evidence: Evidence): boolean {
  return idsIn(expression).some((id) => shows(evidence, id))
}

function isSatisfied(expression: Expression, found: readonly Evidence[]): boolean {
  if (expression.type === 'licence') return found.some((evidence) => shows(evidence, expression.id))
  if (expression.type === 'or') return expression.parts.some((part) => isSatisfied(part, found))
  return expression.parts.every((part) => isSatisfied(part, found))
}

function shows(evidence: Evidence, id: string): boolean {
  return [evidence.licence, ...evidence.also].some((shown) => textId(shown) === textId(id))
}
