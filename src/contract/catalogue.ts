import { z } from 'zod'
import { id, listOf } from './documents/basic.ts'
import { poolsDocument } from './documents/pools.ts'
import { judgement, modelSummary, toolDescription, toolSummary } from './documents/tool.ts'
import { describe } from './operation.ts'

/** The catalogue: tools, models and pools. */
export const CATALOGUE = describe({
  'catalogue.tools': {
    scope: 'read',
    summary: 'List the tools that steps can use',
    answer: { about: 'all tools by name', schema: listOf(toolSummary) },
  },
  'catalogue.tool': {
    scope: 'read',
    summary: 'Show a tool, or all operations of a tool, with parameters and results',
    params: z.object({ tool: id }),
    answer: { about: 'the operations', schema: listOf(toolDescription) },
    errors: ['not_found'],
  },
  'catalogue.models': {
    scope: 'read',
    summary: 'List the models that can answer',
    answer: { about: 'all models; `provider/*` stands for any model of that server', schema: listOf(modelSummary) },
  },
  'catalogue.judgeModels': {
    scope: 'read',
    summary: 'Show which model meets the requirements, and why others do not',
    query: z.object({
      needs: z
        .string()
        .max(1000)
        .meta({ description: 'requirements, for example `vision, 100k context, json, < $0.01, offline`' }),
    }),
    answer: { about: 'all models, the best choice first', schema: listOf(judgement) },
  },
  'inspector.pools': {
    scope: 'admin',
    summary: 'Show the workers and queues of the pools',
    answer: { about: 'the pools in use and the resources they share', schema: poolsDocument },
  },
})
