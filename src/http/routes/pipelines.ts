import { z } from 'zod'
import { type Route, route } from '../routing/route.ts'
import { maybe, values } from '../schemas/basic.ts'
import { NAMES_ONE, namesOne, plan, verdict, whichPipeline } from '../schemas/pipeline.ts'

const validation = z
  .strictObject({
    ...whichPipeline,
    inputs: maybe(values),
    strict: maybe(z.boolean()).meta({ description: 'an unknown key is an error' }),
  })
  .refine(namesOne, NAMES_ONE)

/** Pipelines as such: what the compiler says of one, and what a run of it would do. */
export const pipelineRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/pipelines/validate',
    scope: 'run',
    summary: 'What the compiler says of a pipeline',
    body: validation,
    asksOnly: true,
    errors: ['local_only'],
    answer: { about: 'what was found', schema: verdict },
    handle: ({ runtime, body }) => runtime.validate(body, body),
  }),
  route({
    method: 'post',
    path: '/pipelines/plan',
    scope: 'run',
    summary: 'What a run would do, and what earlier ones took',
    body: validation,
    asksOnly: true,
    errors: ['local_only'],
    answer: { about: 'its steps, level by level', schema: plan },
    handle: ({ runtime, body }) => runtime.plan(body, body),
  }),
]
