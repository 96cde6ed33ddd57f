import type { ListedActor } from '../../engine/engine.ts'
import { KIND, stepRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { addressOfFile, fileIdsIn } from '../../lib/media/file-ref.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { StepItem } from '../../run/room/documents.ts'
import { type InboxReader, type InboxSource, type ShownContent, waitsForBudget } from '../../run/room/inbox-source.ts'
import { findRunStart } from '../../run/run.ts'
import type { AwaitingCallback, ParkedSignal, StepState, Suspended } from '../../step/attempt/step-state.ts'
import { isSignalTarget } from '../../step/messages/callback.ts'
import type { InboxPrompt } from '../../step/messages/inbox-prompt.ts'
import { progressPart, type StepProgress } from '../../step/messages/progress.ts'
import { parkedPart } from '../../step/suspend/parked-signals.ts'
import { UNKNOWN_OUTCOME } from '../../step/suspend/unknown-outcome.ts'
import { readRef } from '../../step/values.ts'
import { contextOf } from '../../work/origin/call-for.ts'
import { CODE_WAIT, NEEDS_NOTHING, needsMoney, PROVIDER_WAIT } from '../../work/wait.ts'
import { listedContent, wholeContent } from '../tools/inbox/shown-content.ts'

/** Steps that wait for a signal, for money, for their code, or long for their provider. */
export const STEPS: InboxSource<StepItem> = { kind: KIND.step, itemsOf }

async function itemsOf(from: InboxReader, { key }: ListedActor, shown: ShownContent): Promise<readonly StepItem[]> {
  const { awaiting, suspended } = ((await from.view.peek({ kind: KIND.step, key })) ?? {}) as StepState
  if (suspended?.budgetWait) {
    const { scope, title, since } = suspended.budgetWait
    if (!(await waitsForBudget(from, scope, { kind: KIND.step, key }))) return []
    return [{ ...(await stepOf(from, key, suspended)), kind: 'money', title, since, ...needsMoney(scope) }]
  }
  if (suspended?.codeWait) {
    const { title, since, changes } = suspended.codeWait
    const about = { ...(await stepOf(from, key, suspended)), title, since, ...(changes && { changes: [...changes] }) }
    return [{ ...about, kind: 'code', signal: CODE_WAIT, ...NEEDS_NOTHING }]
  }
  if (suspended?.providerWait) {
    const about = { ...(await stepOf(from, key, suspended)), ...suspended.providerWait }
    return [{ ...about, kind: 'provider', signal: PROVIDER_WAIT, ...NEEDS_NOTHING }]
  }
  if (awaiting?.looks?.lacks !== undefined) {
    const about = { ...(await stepOf(from, key, awaiting)), title: awaiting.looks.lacks, since: awaiting.since }
    return [{ ...about, kind: 'code', signal: CODE_WAIT, ...NEEDS_NOTHING }]
  }
  return awaiting ? askedItems(from, awaiting, shown) : []
}

async function stepOf({ view }: InboxReader, key: string, { run }: Pick<Suspended, 'run'>) {
  const owner = ownerOf(((await view.peek(run)) ?? {}) as { readonly owner?: string })
  return { run: run.key, owner, step: key.slice(run.key.length + 1) }
}

/** The question of a step to a person. */
async function askedItems(
  { view, values, findFiles }: InboxReader,
  waiting: AwaitingCallback,
  shown: ShownContent,
): Promise<readonly StepItem[]> {
  const { run, step, owner, since, question, asking, tool, key, recovery } = waiting
  const { to, limit, body } = question
  if (!isSignalTarget(to)) return []
  const { content, ...prompt } = body as InboxPrompt
  const item = {
    run: run.key,
    owner: ownerOf({ owner }),
    step,
    signal: to.signal,
    since,
    ...(limit !== undefined && { until: since + limit }),
    ...prompt,
    ...present({ tool, arrived: await arrivedSignals(view, waiting, shown) }),
    ...(asking === UNKNOWN_OUTCOME && { idempotencyKey: recovery?.call?.key ?? key }),
  }
  if (shown === 'none') return [item]
  const progress = asking === UNKNOWN_OUTCOME ? await lastProgress(view, run, step, prompt.sentAt) : undefined
  const given = { ...item, ...present({ progress }), ...(await purposeOf({ view, values }, run, shown)) }
  if (!content) return [given]
  const all = await readRef(values, content)
  const files = await findFiles(fileIdsIn([progress ?? null, all], 'plain'), item.owner)
  const named = files.length > 0 && { files: files.map((file) => ({ ...file, address: addressOfFile(file.file) })) }
  return [{ ...given, ...named, ...(shown === 'whole' ? wholeContent(all) : listedContent(all)) }]
}

/** How far a call that was cut off said that it was. The words of an attempt before it do not count. */
async function lastProgress(view: InboxReader['view'], run: ActorRef, step: string, sentAt = 0) {
  const part = (await readSinglePart(view.parts, run, progressPart(step))) as Partial<StepProgress> | undefined
  return part?.at !== undefined && part.at >= sentAt ? part.progress : undefined
}

/** The signals that a step parks: its code is not here, or they do not fit it. */
async function arrivedSignals(view: InboxReader['view'], { run, step, parked }: AwaitingCallback, shown: ShownContent) {
  if (!parked || shown === 'none') return undefined
  const read = async ({ n, at, problem }: ParkedSignal) => {
    const signal =
      shown === 'whole' ? await readSinglePart(view.parts, stepRef(run.key, step), parkedPart(n)) : undefined
    return { at, ...present({ problem, value: (signal as { readonly value?: Json } | undefined)?.value }) }
  }
  return Promise.all(parked.map(read))
}

/** The agent, the goal and the conversation that a run works for, and the context that the program gave. */
async function purposeOf({ view, values }: Pick<InboxReader, 'view' | 'values'>, run: ActorRef, shown: ShownContent) {
  const workFor = (await findRunStart(run.key, view.parts))?.workFor
  const { agent, goal, conversation } = workFor ?? {}
  return present({
    agent,
    goal,
    conversation,
    context: shown === 'whole' ? await contextOf(values, workFor) : undefined,
  })
}
