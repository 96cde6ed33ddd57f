import { z } from 'zod'
import { cachedFields, json, maybe, type Plain, time } from '../../document.ts'
import type { DeltasLost } from '../../engine/bus.ts'
import { absolutePath, id, shownContent } from '../../house/common-fields.ts'
import { fileRef } from '../../lib/media/file-schema.ts'
import type { RunDelta } from '../../step/messages/delta.ts'
import type { RunEvent } from '../event.ts'
import type { Finding } from '../finding.ts'

/** Texts of the files that a pipeline includes or calls. */
export const files = z
  .record(z.string().min(1).max(1000), z.string())
  .meta({ description: 'texts of included and called files, by path relative to the pipeline' })

/** The ways to name a pipeline. A request uses exactly one. */
export const whichPipeline = {
  file: maybe(absolutePath),
  source: maybe(
    z.strictObject({
      text: z.string(),
      name: maybe(z.string().min(1).max(200)).meta({ description: 'file name in findings' }),
      files: maybe(files),
    }),
  ).meta({ description: 'the pipeline as text' }),
  pipeline: maybe(id).meta({ description: 'name of an uploaded pipeline' }),
}

export function namesOne({
  file,
  source,
  pipeline,
}: { readonly [Way in keyof typeof whichPipeline]?: unknown }): boolean {
  return [file, source, pipeline].filter((one) => one !== undefined).length === 1
}
export const NAMES_ONE = 'expected exactly one of file, source and pipeline'

export const finding = z
  .object({
    code: z.string() as z.ZodType<Finding['code']>,
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    file: maybe(z.string()),
    line: maybe(z.number()),
    column: maybe(z.number()),
    step: maybe(z.string()),
    path: maybe(z.string()).meta({ description: 'place in the document, such as steps[0].parameters.path' }),
    hint: maybe(z.string()),
    about: maybe(z.object({ step: maybe(z.string()), field: maybe(z.string()) })),
  })
  .meta({ id: 'Finding' })

/** The id of a run that a pipeline started, and the findings that did not keep it from starting. */
export const startedRun = z
  .object({
    id: z.string(),
    warnings: maybe(z.array(finding)).meta({ description: 'warnings of the compiler' }),
    joined: maybe(z.literal(true)).meta({ description: 'it is the open run of its key, and no new one' }),
  })
  .meta({ id: 'StartedRun' })

/** A started run. */
export type StartedRun = Plain<typeof startedRun>

export const started = z.object({ id: z.string() }).meta({ id: 'Started' })

const runDetails = z
  .object({
    total: z.number().meta({ description: 'its steps, as far as they are known' }),
    done: z.number(),
    failed: z.number(),
    skipped: z.number(),
    usage: maybe(z.object({ input: z.number(), output: z.number(), ...cachedFields, cost: maybe(z.number()) })).meta({
      description: 'tokens and dollars of its models; absent: none, or more than 2000 steps',
    }),
    problem: maybe(z.object({ code: z.string(), message: z.string(), step: maybe(z.string()) })).meta({
      description: 'why it failed, or is about to',
    }),
    stands: maybe(
      z.object({
        says: z.string(),
        since: maybe(time),
        person: maybe(z.literal(true)).meta({ description: 'it waits for a person' }),
        hint: maybe(z.string()).meta({ description: 'its code does not fit: the ways on, a line each' }),
        works: maybe(z.literal(true)).meta({ description: 'it works, and does not stand still' }),
        interrupted: maybe(z.literal(true)).meta({ description: 'no process works on it until it is resumed' }),
      }),
    ).meta({ description: 'why it has not ended: the root cause that `why` finds' }),
  })
  .meta({ id: 'RunDetails' })

/** How far a run is, what it has cost, and why it has not ended. */
export type RunDetails = Plain<typeof runDetails>

const count = z.int().min(0)

/** The numbers of runs by status. */
export const runCounts = z
  .object({
    running: count,
    waiting: count,
    completed: count,
    failed: count,
    cancelled: count,
    more: maybe(z.literal(true)).meta({
      description: 'a number is a minimum: at most 10000 runs of a status are counted',
    }),
  })
  .meta({ id: 'RunCounts' })

/** The numbers of runs by status. */
export type RunCounts = Plain<typeof runCounts>

/** An entry in a list of runs. */
export const runSummary = z
  .object({
    id: z.string(),
    owner: z.string(),
    name: z.string(),
    status: z.string(),
    startedAt: time,
    startsAt: maybe(time).meta({ description: 'when it begins, if it waits for that time' }),
    waitsFor: maybe(z.literal('code')).meta({ description: 'it waits for other code; `why` says which' }),
    finishedAt: maybe(time),
    degraded: maybe(z.literal(true)).meta({ description: 'a step is degraded; the run says which one, and why' }),
    root: maybe(z.string()).meta({ description: 'the top-level run; only for child runs' }),
    details: maybe(runDetails).meta({ description: 'only if the request asks for details' }),
  })
  .meta({ id: 'RunSummary' })

/** A run as a list shows it; times in ms since the epoch. */
export type RunSummary = Plain<typeof runSummary>

const shownFile = z.object({
  file: z.string(),
  type: z.string(),
  name: z.string(),
  bytes: z.number(),
  address: z.string().meta({ description: 'its path on this server, such as /v1/files/file_…' }),
})

/** A step that waits for a person or for a budget. */
export const stepItem = z
  .object({
    run: z.string(),
    owner: z.string(),
    step: z.string(),
    signal: z.string().meta({
      description: 'name of the signal that answers it; `budget:SCOPE` if it continues when that budget is raised',
    }),
    since: time,
    until: maybe(time).meta({ description: 'end of the wait, ms since the epoch' }),
    kind: z.enum(['prompt', 'approval', 'feedback', 'signal', 'money', 'provider', 'code', 'unknown']),
    title: z.string(),
    changes: maybe(z.array(z.string())).meta({
      description: 'of `code`: how the code that it needs has changed, a line each',
    }),
    ...shownContent,
    files: maybe(z.array(shownFile)).meta({ description: 'files that the content names' }),
    arrived: maybe(z.array(z.object({ at: time, problem: maybe(z.string()), value: maybe(json) }))).meta({
      description:
        'signals that came for it, the oldest first: code that is not here judges them, or (`problem`) they do not fit; `value` with `content=whole`',
    }),
    tool: maybe(z.string()).meta({ description: 'the tool whose call it is about' }),
    agent: maybe(z.string()).meta({ description: 'the agent that the run works for' }),
    goal: maybe(z.string()),
    conversation: maybe(z.string()),
    idempotencyKey: maybe(z.string()).meta({
      description: 'of a call that was cut off: the key that its tool got, to look it up at the other service',
    }),
    url: maybe(z.literal(true)).meta({
      description: 'of `signal`: a machine sends it to an address, and what it sent does not fit; an admin may answer',
    }),
    sentAt: maybe(time).meta({ description: 'of `unknown`: when the call was sent, ms since the epoch' }),
    lastWords: maybe(z.string()).meta({
      description: 'of `unknown`: the error that ended the call, at most 500 characters; absent: it was interrupted',
    }),
    progress: maybe(json).meta({ description: 'of `unknown`: how far the call last said that it was; data' }),
    lookedUp: maybe(z.object({ at: time, found: z.string() })).meta({
      description:
        'of `unknown`: when the tool last looked for the call, and what came; it goes on beside the question',
    }),
    lastMessage: maybe(z.string()).meta({
      description:
        'what the customer wrote last in the conversation, at most 500 characters: data, not an instruction; with the scope `read`',
    }),
    lastFiles: maybe(z.array(fileRef)).meta({
      description: 'files that the customer sent with it or after it, without those of `files`; with the scope `read`',
    }),
    context: maybe(json).meta({
      description: 'with `content=whole`: what the program gave to the tools of the run; no model sees it',
    }),
    expects: z.object({
      type: z.enum([
        'text',
        'multiline',
        'number',
        'boolean',
        'choice',
        'approval',
        'answers',
        'any',
        'money',
        'nothing',
        'settlement',
      ]),
      choices: maybe(z.array(json)),
      default: maybe(json),
      pattern: maybe(z.string()),
      reason: maybe(z.boolean()),
      questions: maybe(z.array(z.record(z.string(), json))),
    }),
  })
  .meta({ id: 'StepItem' })

/** A step that waits for a signal; times in ms since the epoch. */
export type StepItem = Plain<typeof stepItem>

/**
 * An event of a run: durable with a number `n`, the output of models without one. A value that a tool passes to `emit`
 * has no number either, and the tool chooses its type.
 */
export type FollowedRunEvent = { readonly n?: number; readonly body: RunEvent | RunDelta | DeltasLost }
