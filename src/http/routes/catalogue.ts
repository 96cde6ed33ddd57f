import { z } from 'zod'
import { type Route, route } from '../routing/route.ts'
import { id, listOf } from '../schemas/basic.ts'
import { poolsDocument } from '../schemas/pools.ts'
import { judgement, modelSummary, toolDescription, toolSummary } from '../schemas/tool.ts'

/** The catalogue: tools, models and pools. */
export const abilityRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/tools',
    scope: 'read',
    summary: 'List the tools that steps can use',
    answer: { about: 'all tools by name', schema: listOf(toolSummary) },
    handle: ({ runtime }) => ({
      items: runtime.catalogue.tools().map(({ name, description, effect, missing }) => ({
        ...{ name, description, effect },
        ...(missing !== undefined && { missing }),
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/tools/{tool}',
    scope: 'read',
    summary: 'Show a tool, or all operations of a tool, with parameters and results',
    params: z.object({ tool: id }),
    answer: { about: 'the operations', schema: listOf(toolDescription) },
    errors: ['not_found'],
    handle: ({ runtime, params }) => ({ items: runtime.catalogue.tools(params.tool) }),
  }),
  route({
    method: 'get',
    path: '/models',
    scope: 'read',
    summary: 'List the models that can answer',
    answer: { about: 'all models; `provider/*` stands for any model of that server', schema: listOf(modelSummary) },
    handle: ({ runtime }) => ({ items: runtime.catalogue.models() }),
  }),
  route({
    method: 'get',
    path: '/models/choice',
    scope: 'read',
    summary: 'Show which model meets the requirements, and why others do not',
    query: z.object({
      needs: z
        .string()
        .max(1000)
        .meta({ description: 'requirements, for example `vision, 100k context, json, < $0.01, offline`' }),
    }),
    answer: { about: 'all models, the best choice first', schema: listOf(judgement) },
    handle: ({ runtime, query }) => ({ items: runtime.catalogue.judgeModels(query.needs) }),
  }),
  route({
    method: 'get',
    path: '/pools',
    scope: 'admin',
    summary: 'Show the workers and queues of the pools',
    answer: { about: 'the pools in use and the resources they share', schema: poolsDocument },
    handle: ({ runtime }) => runtime.inspector.pools(),
  }),
]
