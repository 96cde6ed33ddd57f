import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import { type By, by } from '../../house/by.ts'
import type { Json, Schema } from '../../kernel/schema.ts'
import { messageFiles } from '../../lib/media/file-schema.ts'
import { prioritySchema } from '../../lib/priority-schema.ts'
import { resultOfSchema } from '../../work/origin/result-of.ts'
import { askToolsSchema } from './calls.ts'
import { CONSENT_ANSWERS } from './context-operations.ts'
import { LOOP_TARGETS, RECURSION_MODES } from './cycle-decision.ts'
import { checkSetting } from './domain.ts'
import type { PhaseEnd, PhaseInput, PhaseName } from './phase-types.ts'

/** The treatment of a message while an agent answers another: it joins that answer, waits its turn, or replaces it. */
const ON_BUSY = ['steer', 'queue', 'interrupt'] as const

const ask = z.object({
  type: z.literal('ask'),
  prompt: z.string(),
  sources: z
    .array(
      z.object({
        id: z.string().max(200),
        kind: z.enum(['file', 'folder', 'model']),
        ref: z.string().max(4096),
        blob: z.string().length(64).exactOptional(),
        stored: z
          .object({ file: z.string(), type: z.string(), name: z.string(), bytes: z.number(), owner: z.string() })
          .exactOptional(),
        pattern: z.string().max(300).exactOptional(),
        roots: z.array(z.string().max(4096)).exactOptional(),
        modality: z.string().max(32).exactOptional(),
      }),
    )
    .default([]),
  modality: z.string().optional(),
  domain: z.string().optional(),
  models: z.record(z.string(), z.union([z.string(), z.array(z.string()).max(8)])).optional(),
  recursion: z.enum(RECURSION_MODES).optional(),
  owner: z.string().optional(),
  aside: z.boolean().optional(),
  payer: z.string().optional(),
  priority: prioritySchema.optional(),
  quick: z.boolean().optional(),
  tools: askToolsSchema,
  /** absent: where a search is configured */
  web: z.literal(false).exactOptional(),
  checks: z.array(checkSetting).max(4).exactOptional(),
  /** its prompt becomes a prior: the ask says so, or its owner has agreed once */
  share: z.union([z.literal(true), z.literal('agreed')]).exactOptional(),
  /** priors are searched, too */
  priors: z.literal(true).exactOptional(),
  /** the asker's memory is searched, inside these filters; absent: it is not used */
  memory: z
    .object({
      space: z.string().exactOptional(),
      asOf: z.number().exactOptional(),
      knownAt: z.number().exactOptional(),
      remember: z.boolean().exactOptional(),
      learn: z.literal(false).exactOptional(),
    })
    .exactOptional(),
  /** an agent answers instead of the phases: its name, and the first message of the goal, forwarded as it is */
  agent: z.object({ name: z.string().min(1), start: z.record(z.string(), z.json()) }).exactOptional(),
  onBusy: z.enum(ON_BUSY).exactOptional(),
  /** files of its owner, which the model of the agent gets with the prompt */
  files: messageFiles.exactOptional(),
  /** it brings the result of earlier calls, and no person has written it */
  resultOf: resultOfSchema.exactOptional(),
  /** a digest of its options, where a caller has chosen the id */
  options: z.string().max(64).exactOptional(),
})

const open = z.object({ type: z.literal('open'), name: z.string().max(200).optional(), owner: z.string().optional() })
const name = z.object({ type: z.literal('name'), name: z.string().max(200) })
const removed = z.object({ type: z.literal('removed'), owner: z.string().optional() })

const decide = z.object({
  type: z.literal('decide'),
  decision: z.enum(['accept', 'yield', 'loop']),
  target: z.enum(LOOP_TARGETS).optional(),
  prompt: z.string().optional(),
  by: (by as z.ZodType<By>).exactOptional(),
})

const consent = z.object({
  type: z.literal('consent'),
  answers: z
    .array(z.object({ message: z.number(), answer: z.enum(CONSENT_ANSWERS) }))
    .min(1)
    .max(100),
  by: (by as z.ZodType<By>).exactOptional(),
})

/** A call from the chain to a phase; `again` marks the repetition after a wait for budget. */
export type PhaseCall = {
  readonly type: 'phase'
  readonly phase: PhaseName
  readonly input: PhaseInput
  readonly again?: true
}

/** A phase tells its thread that it waits for budget. */
export type PhaseWait = {
  readonly type: 'phase-wait'
  readonly ask: number
  readonly cycle: number
  readonly phase: PhaseName
  readonly problem: Problem
}

/** An ask on a thread; `payer` is a budget scope that is charged in addition to the thread's. */
export type AskMessage = z.infer<typeof ask>
/** Opens a thread without an ask, with a display name. */
export type OpenMessage = z.infer<typeof open>
/** Gives a thread another display name; an empty one removes it. */
export type NameMessage = z.infer<typeof name>
/** Makes a thread that was removed refuse messages. It sends this to itself. */
export type RemovedMessage = z.infer<typeof removed>
/** The decision about an ask that waits for one: as Understanding proposes, or otherwise. */
export type DecideMessage = z.infer<typeof decide>
/** A user's answers about messages of a thread, by message number. */
export type ConsentMessage = z.infer<typeof consent>
/** How the goal that answers an ask has ended. */
export type GoalEnd = z.infer<typeof goalEnd>

/** How a goal has ended, for its caller. */
export const goalEndSchema = z.object({
  type: z.literal('goal-end'),
  status: z.enum(['completed', 'failed', 'cancelled']),
  answer: z.string().exactOptional(),
  output: z.custom<Json>().exactOptional(),
  files: messageFiles.exactOptional(),
  lacks: z.array(z.string()).exactOptional(),
  problem: z.custom<Problem>().exactOptional(),
})
const goalEnd = z.looseObject({
  ...goalEndSchema.shape,
  replies: z
    .array(z.object({ message: z.number(), text: z.string(), files: messageFiles.exactOptional() }))
    .exactOptional(),
})
const message = z.discriminatedUnion('type', [
  ask,
  open,
  name,
  removed,
  decide,
  consent,
  goalEnd,
  z.object({ type: z.enum(['remove', 'next', 'expire', 'resume']) }),
  z.object({ type: z.literal('deadline'), ask: z.number() }),
  z.looseObject({ type: z.literal('phase-wait'), ask: z.number(), cycle: z.number() }),
  z.looseObject({ type: z.literal('phase-end') }),
])
/** the reply of a goal that takes a text */
const textTaken = z.object({ type: z.undefined().optional(), status: z.literal('told') })

export type ThreadInput =
  | Exclude<z.infer<typeof message>, { readonly type: 'phase-wait' | 'phase-end' }>
  | PhaseWait
  | PhaseEnd
  | z.infer<typeof textTaken>

/**
 * Messages to a chain: asks, `open`, `decide`, `consent` and `resume` from any caller; `next` and `deadline` from
 * itself; `phase-end` and `phase-wait` from its phases; `goal-end` and the reply to `tell` from the goal that answers.
 * `expire` asks it to delete itself; the reply says whether it did.
 */
export const threadInput = z.union([message, textTaken]) as Schema<unknown> as Schema<ThreadInput>
