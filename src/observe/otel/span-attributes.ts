import { modelLabels } from '../metrics/instruments.ts'
import type { Deed, Noted } from '../semantic-conventions.ts'

/** What a span is called, of what kind it is, and what is said of it. No prompts, no texts, no values: only names, ids and numbers. */
export type Described = {
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client'
  readonly attributes: Attributes
}
export type Attributes = { readonly [name: string]: string | number }

/** A deed when it begins. */
export function describe(deed: Deed): Described {
  switch (deed.name) {
    case 'request-answer':
      return {
        name: deed.method,
        kind: 'server',
        attributes: { 'http.request.method': deed.method, 'antiphon.request': deed.id },
      }
    case 'turn-take':
      return {
        name: `turn ${deed.actor.slice(0, deed.actor.indexOf('/'))}`,
        kind: 'internal',
        attributes: { 'antiphon.actor': deed.actor, 'antiphon.message': deed.message, 'antiphon.work': deed.work },
      }
    case 'effect-run':
      return {
        name: `effect ${deed.effect.split(/[:\s]/, 1)[0]}`,
        kind: 'internal',
        attributes: { 'antiphon.effect': deed.effect },
      }
    case 'tool-call':
      return {
        name: `execute_tool ${deed.tool}`,
        kind: 'internal',
        attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': deed.tool },
      }
    case 'model-call': {
      const attributes = modelLabels(deed.model)
      return { name: `chat ${attributes['gen_ai.request.model']}`, kind: 'client', attributes }
    }
  }
}

/** What is known at its end. */
export function describeEnd({ route, status, model, input, output, cost, error }: Noted): Attributes {
  return {
    ...(route !== undefined && { 'http.route': route }),
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(model !== undefined && { 'gen_ai.response.model': model.slice(model.indexOf('/') + 1) }),
    ...(input !== undefined && { 'gen_ai.usage.input_tokens': input }),
    ...(output !== undefined && { 'gen_ai.usage.output_tokens': output }),
    ...(cost !== undefined && { 'antiphon.cost': cost }),
    ...(error !== undefined && { 'error.type': error }),
  }
}

/** A request is better called by its route. */
export function nameAtEnd(deed: Deed, { route }: Noted): string | undefined {
  return deed.name === 'request-answer' && route !== undefined && route !== 'none'
    ? `${deed.method} ${route}`
    : undefined
}

export const hasFailed = ({ status, error }: Noted): boolean =>
  error !== undefined || (status !== undefined && status >= 500)
