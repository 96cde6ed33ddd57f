import type { HandlerSpec, StepSpec } from '../parse/pipeline-spec.ts'
import { mentionsIn, type TemplateContext } from './names/mentions.ts'
import type { Surroundings } from './names/name-finding.ts'
import { resolve } from './names/resolve.ts'
import { graphLevel } from './names/scopes.ts'
import { aroundOf, type Context, type Levels, nodeOf, type Text } from './reads.ts'
import { textsOfHandler, textsOfHandlers } from './recovery.ts'

/** What a step reads to handle its failure; what it came to itself, which it may read then, is there anyway. */
export function readsToHandle(spec: StepSpec, context: Context, levels: Levels): readonly string[] {
  const around = { ...aroundOf(spec, context, levels), ended: true, handles: true } as const
  const own = nodeOf(spec, levels)
  return readsIn(textsOfHandlers(spec), context, around).filter((node) => node !== own)
}

/** Handlers of all steps read none: not every one that fails would have waited for it. */
export function checkHandlersOfAll(handlers: readonly HandlerSpec[], context: Context): void {
  const around = { ...aroundOf(OF_ALL, context, [graphLevel([])]), handles: true, ofAll: true } as const
  readsIn(handlers.flatMap(textsOfHandler), context, around)
}

const OF_ALL: Pick<StepSpec, 'id'> = { id: 'global_error_handlers' }

function readsIn(texts: readonly Text[], { report, names }: Context, around: Surroundings): readonly string[] {
  const about: TemplateContext = { report, names, ...(around.step !== undefined && { step: around.step }) }
  const mentions = texts.flatMap(([value, path]) => mentionsIn(value, path, about))
  return mentions.flatMap((mention) => resolve(mention, around) ?? [])
}
