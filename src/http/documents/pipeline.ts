import { z } from 'zod'
import type { Finding } from '../../pipeline/findings.ts'
import type { Plan, PlannedStep } from '../../pipeline/plan.ts'
import type { Verdict } from '../../runtime.ts'
import { maybe } from './basic.ts'

const finding = z
  .object({
    code: z.string() as z.ZodType<Finding['code']>,
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    file: maybe(z.string()),
    line: maybe(z.number()),
    column: maybe(z.number()),
    step: maybe(z.string()),
    path: maybe(z.string()).meta({ description: 'where in the document, as steps[0].parameters.path' }),
    hint: maybe(z.string()),
    about: maybe(z.object({ step: maybe(z.string()), field: maybe(z.string()) })),
  })
  .meta({ id: 'Finding' })

/** What compiling a pipeline came to. */
export const verdict: z.ZodType<Verdict> = z
  .object({
    file: z.string(),
    valid: z.boolean(),
    pipeline: maybe(z.string()),
    steps: maybe(z.record(z.string(), z.array(z.string()))),
    findings: z.array(finding),
  })
  .meta({ id: 'Verdict' })

const range = z.object({ least: z.number(), median: z.number(), most: z.number() }).meta({ id: 'Range' })
const taken = z.object({ times: z.number(), ms: maybe(range), cost: maybe(range) }).meta({ id: 'Taken' })

const plannedStep: z.ZodType<PlannedStep> = z
  .object({
    id: z.string(),
    does: z.string(),
    needs: z.array(z.string()),
    effect: z.string(),
    condition: maybe(z.string()),
    onDemand: maybe(z.literal(true)),
    model: maybe(z.object({ id: maybe(z.string()), why: z.string() })),
    get body() {
      return maybe(z.array(plannedStep))
    },
    taken: maybe(taken),
  })
  .meta({ id: 'PlannedStep' })

/** What a run would do. */
export const plan: z.ZodType<Plan> = z
  .object({
    pipeline: z.string(),
    levels: z.array(z.array(plannedStep)),
    taken: maybe(taken),
    mermaid: z.string(),
  })
  .meta({ id: 'Plan' })
