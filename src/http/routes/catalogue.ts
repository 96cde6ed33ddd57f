import { z } from 'zod'
import { type Route, route } from '../routing/route.ts'
import { id, listOf } from '../schemas/basic.ts'
import { poolsDocument } from '../schemas/pools.ts'
import { judgement, modelSummary, toolDescription, toolSummary } from '../schemas/tool.ts'

/** What steps and questions can be done with: tools, models, and the pools that they wait for. */
export const abilityRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/tools',
    scope: 'read',
    summary: 'The tools that steps can use, by name',
    answer: { about: 'all of them', schema: listOf(toolSummary) },
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
    summary: 'A tool, or every operation of one: what it takes and tells',
    params: z.object({ tool: id }),
    answer: { about: 'its operations', schema: listOf(toolDescription) },
    errors: ['not_found'],
    handle: ({ runtime, params }) => ({ items: runtime.catalogue.tools(params.tool) }),
  }),
  route({
    method: 'get',
    path: '/models',
    scope: 'read',
    summary: 'The models that may answer',
    answer: { about: 'all of them; `provider/*` stands for any model of that server', schema: listOf(modelSummary) },
    handle: ({ runtime }) => ({ items: runtime.catalogue.models() }),
  }),
  route({
    method: 'get',
    path: '/models/choice',
    scope: 'read',
    summary: 'Which model would be chosen, and why not the others',
    query: z.object({
      needs: z.string().max(1000).meta({ description: 'in words: `vision, 100k context, json, < $0.01, offline`' }),
    }),
    answer: { about: 'all of them, who would be taken first', schema: listOf(judgement) },
    handle: ({ runtime, query }) => ({ items: runtime.catalogue.judgeModels(query.needs) }),
  }),
  route({
    method: 'get',
    path: '/pools',
    scope: 'admin',
    summary: 'How many hands are at work, and what waits for them',
    answer: { about: 'those that were asked for so far, and what they share', schema: poolsDocument },
    handle: ({ runtime }) => runtime.inspector.pools(),
  }),
]
