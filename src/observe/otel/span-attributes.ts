import { present } from '../../lib/json/present.ts'
import { modelLabels } from '../metrics/instruments.ts'
import type { AgentAtWork, SpanAttributes, SpanInfo } from '../semantic-conventions.ts'

/** The name, kind and attributes of a span. No prompts, texts or values: only names, ids and numbers. */
type SpanDescription = {
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client'
  readonly attributes: OtelAttributes
}
export type OtelAttributes = { readonly [name: string]: string | number }

export function describeSpan(info: SpanInfo): SpanDescription {
  switch (info.name) {
    case 'request-answer':
      return {
        name: info.method,
        kind: 'server',
        attributes: { 'http.request.method': info.method, 'antiphon.request': info.id },
      }
    case 'turn-take':
      return {
        name: `turn ${info.actor.slice(0, info.actor.indexOf('/'))}`,
        kind: 'internal',
        attributes: { 'antiphon.actor': info.actor, 'antiphon.message': info.message, 'antiphon.work': info.work },
      }
    case 'effect-run':
      return {
        name: `effect ${info.effect.split(/[:\s]/, 1)[0]}`,
        kind: 'internal',
        attributes: { 'antiphon.effect': info.effect },
      }
    case 'tool-call':
      return {
        name: `execute_tool ${info.tool}`,
        kind: 'internal',
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': info.tool,
          'gen_ai.tool.type': 'function',
          ...(info.call !== undefined && { 'gen_ai.tool.call.id': info.call }),
          ...agentAttributes(info),
        },
      }
    case 'model-call': {
      const attributes = modelLabels(info.model)
      return { name: `chat ${attributes['gen_ai.request.model']}`, kind: 'client', attributes }
    }
  }
}

/** The attributes of an agent at work. Its model calls and its tools have them, too. */
export function agentAttributes({ agent, conversation }: AgentAtWork): OtelAttributes {
  return present({ 'gen_ai.agent.name': agent, 'gen_ai.conversation.id': conversation })
}

export function endAttributes(noted: SpanAttributes): OtelAttributes {
  const { route, status, model, input, output, cacheRead, cacheWrite, cost, sandbox, error } = noted
  return {
    ...present({ 'http.route': route, 'http.response.status_code': status }),
    ...(model !== undefined && { 'gen_ai.response.model': model.slice(model.indexOf('/') + 1) }),
    ...present({
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.output_tokens': output,
      'gen_ai.usage.cache_read.input_tokens': cacheRead,
      'gen_ai.usage.cache_creation.input_tokens': cacheWrite,
      'antiphon.cost': cost,
      'antiphon.sandbox': sandbox,
      'error.type': error,
    }),
  }
}

/** A request is named by its route. */
export function spanNameAtEnd(info: SpanInfo, { route }: SpanAttributes): string | undefined {
  return info.name === 'request-answer' && route !== undefined && route !== 'none'
    ? `${info.method} ${route}`
    : undefined
}

export const isSpanFailed = ({ status, error }: SpanAttributes): boolean =>
  error !== undefined || (status !== undefined && status >= 500)
