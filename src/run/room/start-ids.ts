import { hash } from 'node:crypto'
import { resolve } from 'node:path'
import type { EngineView } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { goalRef, KIND, runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import { goalInRunId, rejectChildRunId, reservedIdError } from '../ids.ts'
import type { FirstRunMessage } from '../later/messages.ts'
import { isBeforeBegin } from '../later/state.ts'
import { peekRun, type RunHead } from '../run.ts'
import { keptStart, START_PART } from './later.ts'
import type { ForkRequest, RunRequest, WhichPipeline } from './port.ts'

type View = Pick<EngineView, 'peek' | 'parts'>

/**
 * A digest of what a caller starts: a workflow or a pipeline, with its inputs as the caller wrote them. A file counts
 * by its path, and a text by itself. Rights, urgency, budgets and times do not count.
 */
export const contentOfStart = ({ workflow, input = {}, inputs = {}, ...which }: RunRequest): string =>
  digestOf({ workflow, input, inputs, ...namesOf(which) })

/** A digest of a fork: its source run, and how it differs from that. */
export const contentOfFork = (run: string, { at, set = {}, ...which }: ForkRequest): string =>
  digestOf({ fork: run, at, set, ...namesOf(which) })

export const digestOf = (content: object): string => hash('sha256', canonicalJson(content), 'base64url').slice(0, 22)

const namesOf = ({ file, pipeline, source }: WhichPipeline) => ({
  file: file === undefined ? undefined : resolve(file),
  pipeline,
  source: source && [source.text, source.files ?? {}],
})

/** The hash of a pipeline or the name of a workflow, and its inputs as their schema made them. */
type Work = { readonly of?: Json; readonly inputs?: Json; readonly content?: string }

/**
 * Whether a run has this content: the digest of its start is the same, or `firstMessage` begins the same pipeline or
 * workflow with the same inputs, as when the schema adds what a caller left out.
 */
export async function hasContent(
  view: View,
  id: string,
  content: string,
  firstMessage?: () => Promise<FirstRunMessage>,
): Promise<boolean> {
  const stored = await workOf(view, id)
  // work above the run began it, and records no digest
  if (stored?.content === undefined || stored.content === content) return true
  const { of, inputs } = workIn(await firstMessage?.())
  return of === stored.of && canonicalJson(inputs) === canonicalJson(stored.inputs)
}

/** @throws `id_taken` unless the run has this content */
export async function checkContent(view: View, id: string, ...of: ContentOf): Promise<void> {
  if (await hasContent(view, id, ...of)) return
  const { name } = (await peekRun(view, id))!
  throw idTakenError(
    `The id ${id} belongs to a run of ${name}, and this start has another pipeline, workflow or input.`,
  )
}

type ContentOf = [content: string, firstMessage?: () => Promise<FirstRunMessage>]

async function workOf(view: View, id: string): Promise<Work | undefined> {
  const [of, state] = [runRef(id), await view.peek(runRef(id))]
  if (isBeforeBegin(state)) return workIn(await keptStart(view, of))
  const start = await readSinglePart((...page) => view.parts(...page), of, START_PART)
  return start === undefined
    ? undefined
    : { ...(start as Work), of: (state as { pipeline?: Json }).pipeline ?? (state as RunHead).name }
}

function workIn(message: FirstRunMessage | undefined): Work {
  const { pipeline, workflow, ...work } = (message ?? {}) as Work & { pipeline?: Json; workflow?: Json }
  return { ...work, of: pipeline ?? workflow ?? null }
}

type IdView = Pick<EngineView, 'asked' | 'peek' | 'list'>

/**
 * Throws an InvalidError for the id of new work that a run or a goal gives to its own children. `GOAL.3` is the run of
 * a round only if there is such a goal: `2026.11.25` and `v.1` are ids like any other.
 */
export async function rejectChildId(view: IdView, id: string): Promise<void> {
  rejectChildRunId(id)
  const { goal, round } = goalInRunId(id) ?? {}
  if (goal === undefined || !(await isGoal(view, goal))) return
  throw reservedIdError(id, `run of round ${round} of goal ${goal}`)
}

async function isGoal(view: IdView, id: string): Promise<boolean> {
  const { kind, key } = goalRef(id)
  const [asked, state] = await Promise.all([view.asked(id), view.peek({ kind, key })])
  return state !== undefined || (asked?.kind === kind && asked.key === key)
}

/** Throws an InvalidError for the id of a new goal if another run has an id of its children. */
export async function rejectParentId(view: IdView, id: string): Promise<void> {
  const below = await view.list(KIND.run, { prefix: `${id}.`, limit: MAX_LOOKED_AT })
  const taken = below.find(({ key }) => goalInRunId(key)?.goal === id)
  if (taken)
    throw idTakenError(`the id ${id} is taken: the run ${taken.key} has an id that this goal gives to its own runs`)
}

const MAX_LOOKED_AT = 100
