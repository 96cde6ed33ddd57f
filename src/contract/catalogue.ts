import { z } from 'zod'
import { phaseChoice, phaseSummary } from '../chain/define/describe-phases.ts'
import { maybe } from '../document.ts'
import { dollars, givenId, listOf, priority, values, workContext } from '../house/common-fields.ts'
import { describe } from '../house/describe.ts'
import { modelFit } from '../model/choose/choose.ts'
import { accepted } from '../run/room/contract.ts'
import { SERIES_SPANS, seriesDocument } from '../telemetry/series.ts'
import { toolDescription, toolSummary } from '../tool/describe.ts'
import { toolHealth } from '../tool/plugin/health.ts'
import { MAX_CALLS, toolRequestSchema } from '../tool/tool-request.ts'
import { poolsDocument } from '../worker/report.ts'
import { modelSummary } from './documents/tool.ts'
import { OPERATIONS } from './operations.ts'

/** The catalogue: tools, models, phases and pools. */
export const CATALOGUE = describe(OPERATIONS, {
  'catalogue.tools': {
    scope: 'read',
    summary: 'List the tools that steps can use',
    answer: { about: 'all tools by name', schema: listOf(toolSummary) },
  },
  'catalogue.tool': {
    scope: 'read',
    summary: 'Show a tool, or all operations of a tool, with parameters and results',
    answer: { about: 'the operations', schema: listOf(toolDescription) },
    errors: ['not_found'],
  },
  'catalogue.health': {
    scope: 'admin',
    summary: 'Ask the tools that say how the system behind them is',
    answer: { about: 'one item for each such tool', schema: listOf(toolHealth) },
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
    answer: { about: 'all models, the best choice first', schema: listOf(modelFit) },
  },
  'catalogue.phases': {
    scope: 'read',
    summary: 'List the phases that serve asks, and where each comes from',
    answer: { about: 'all phases, in the order of the chain', schema: listOf(phaseSummary) },
  },
  'catalogue.selectPhases': {
    scope: 'read',
    summary: 'Show how the phases and pools of a question are chosen, and why',
    query: z.object({
      modality: maybe(z.string().max(100)).meta({ description: 'absent: text' }),
      domain: maybe(z.string().max(200)).meta({ description: 'absent: general' }),
      phase: maybe(z.string().max(100)).meta({ description: 'absent: all phases' }),
    }),
    answer: { about: 'one item for each phase', schema: listOf(phaseChoice) },
    errors: ['unknown_domain'],
  },
  'inspector.pools': {
    scope: 'admin',
    summary: 'Show the workers and queues of the pools',
    answer: { about: 'the pools in use and the resources they share', schema: poolsDocument },
  },
  'inspector.series': {
    scope: 'admin',
    summary: 'Show what this process did in the last hour, by minutes, or in the last day, by quarters of an hour',
    query: z.object({ span: maybe(z.enum(SERIES_SPANS)).meta({ description: 'default: hour' }) }),
    answer: { about: 'a line for each number', schema: seriesDocument },
  },
})

const call = z.strictObject({
  id: maybe(toolRequestSchema.shape.id.unwrap()).meta({
    description: 'the step of the call; absent: `call_1`, `call_2`…',
  }),
  tool: toolRequestSchema.shape.tool.meta({ description: 'a tool such as `filesystem:read`' }),
  parameters: maybe(values).meta({ description: 'data: templates in it are not rendered, and it gets no secrets' }),
  timeout: maybe(toolRequestSchema.shape.timeout.unwrap()).meta({ description: 'seconds' }),
  when: maybe(toolRequestSchema.shape.when.unwrap()).meta({
    description: 'the call is rejected unless the environment has this version',
  }),
})

const callsRequest = z.strictObject({
  calls: z.array(call).min(1).max(MAX_CALLS),
  approve: maybe(z.array(z.string().min(1).max(200)).max(1000)).meta({
    description: 'tools whose calls wait for a person, beside those that the server names',
  }),
  onFailure: maybe(z.enum(['fail', 'continue', 'undo'])).meta({
    description:
      'after a failed call: `fail` starts no others (the default), `continue` makes them all, `undo` undoes those that are done',
  }),
  chosenByModel: maybe(z.boolean()).meta({
    description:
      'a model chose the calls: those that may do harm wait for a person, and files of antiphon are closed to them',
  }),
  priority,
  interactive: maybe(z.boolean()).meta({ description: 'a person follows the run at a terminal' }),
  budget: maybe(dollars).meta({ description: 'dollars that models may cost; at the limit the run waits' }),
  context: workContext,
  id: maybe(givenId),
})

/** Calls of tools as runs. */
export const TOOLS = describe(OPERATIONS, {
  'tools.call': {
    scope: 'run',
    passes: 'trust',
    summary: 'Call tools; each call is a step of a run',
    body: callsRequest,
    idempotent: true,
    answer: accepted('the run is durable and makes the calls'),
    errors: ['unknown_tool', 'tool_closed', 'invalid_input', 'id_taken', 'busy', 'storage'],
  },
})
