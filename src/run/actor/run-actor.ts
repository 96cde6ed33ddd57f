/**
 * `run/<id>`, the actor of a run. A run that has not begun keeps each message, so that comes first. Then comes what
 * every run has, and then its language decides.
 */

import { z } from 'zod'
import { type Problem, refusal } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Notice, Turn } from '../../kernel/types.ts'
import { decodeStep, encodeStep } from '../../step/messages/codec.ts'
import type { ProgressMessage, StepLogLine, StepProgress } from '../../step/messages/progress.ts'
import { PROGRESS_LIMITS, progressPart } from '../../step/messages/progress.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import { type Language, type LanguageTurn, languageMissing } from '../language.ts'
import { noticeLater, type RunTurns, receiveLater } from '../later/begins-later.ts'
import { type LaterMessage, startLaterSchema, startNowSchema } from '../later/messages.ts'
import { cancelledBy, RUN_EXISTS } from '../later/pending.ts'
import { type CommonMessage, commonMessages, type LateRemark, NOTHING_UNDONE, type UndoEndedRun } from '../messages.ts'
import { findStart, isFinished, NEW_HEAD, type RunHead } from '../run.ts'
import { handleRecursion } from './recursion.ts'
import { handleAwait, handleChildWait, handleSignal } from './signals.ts'
import { watchRun } from './watch.ts'

type RunTurn = LanguageTurn<RunHead>

export function runActor({ languages }: { readonly languages: readonly Language[] }): Actor<RunHead> {
  const table = tableOf(languages)
  const turns: RunTurns = {
    receive: (state, message, effects) => receive(table, state, message as CommonMessage, effects),
    notice: (state, notice, effects) => takeNotice(table, state, notice, effects),
  }
  return defineActor<RunHead, LaterMessage | CommonMessage>({
    kind: KIND.run,
    message: schemaOf(languages) as z.ZodType<LaterMessage | CommonMessage>,
    initial: () => NEW_HEAD,
    // without its language, a message is a dead letter, and the next one tries again
    check(stored) {
      const state = stored as RunHead
      if (state.language !== undefined && !table.decides(state)) throw languageMissing(state.language)
    },
    receive: (state, message, effects) => receiveLater(turns, state, message, effects),
    notice: (state, notice, effects) => noticeLater(turns, state, notice, effects),
  })
}

type Languages = ReturnType<typeof tableOf>

/** Tells which language begins a run by a message, and which one decides in a run. */
function tableOf(languages: readonly Language[]) {
  const byName = new Map(languages.map((language) => [language.name, language]))
  const byFirst = new Map(languages.flatMap((one) => Object.keys(one.first).map((type) => [type, one] as const)))
  return {
    begin: (type: string) => byFirst.get(type),
    decides: ({ language }: RunHead) => (language === undefined ? undefined : byName.get(language)),
  }
}

function schemaOf(languages: readonly Language[]): z.ZodType {
  const own = Object.assign({}, ...languages.flatMap(({ first, message }) => [first, message]))
  const schemas = Object.values(own) as never[]
  return z.discriminatedUnion('type', [...commonMessages, startLaterSchema, startNowSchema, ...schemas])
}

function receive(table: Languages, state: RunHead, message: CommonMessage, effects: Effects): RunTurn {
  const language = table.decides(state)
  switch (message.type) {
    case 'expire':
      return state.status === 'new' || isFinished(state) ? { reply: true, stop: true } : { reply: false }
    case 'look':
      return { reply: true, ...(state.status === 'new' && { stop: true }) }
    case 'watch':
      return watchRun(state, effects)
    case 'signal':
      return handleSignal(state, message, effects, language?.judging?.(state))
    case 'await':
      return handleAwait(state, message, effects, language?.judging?.(state))
    case 'child-await':
    case 'goal-wait':
      return handleChildWait(state, message, effects)
    case 'recursion':
      return handleRecursion(state, message, effects)
    case 'late-remark':
      return recordLateRemark(state, message, effects)
    case 'step-progress':
      return recordProgress(state, message, effects)
    case 'step-end':
    case 'batch-end':
      return language && !isFinished(state) ? language.ended(state, message, effects) : {}
    case 'step-wait':
      return language && !isFinished(state) ? language.waits(state, message, effects) : {}
    case 'undo-run':
      return language && !isFinished(state) ? undoRun(language, state, message.reason, effects) : { refuse: RUN_OVER }
    case 'undo':
      if (language) return undoEndedRun(language, state, message, effects)
      return { reply: NOTHING_UNDONE, ...(state.status === 'new' && { stop: true }) }
    case 'undone':
      return language?.undo(state, message, effects) ?? {}
    default:
      return receiveOwn(table, state, message, effects)
  }
}

/** A message that begins a run, or that only one language has. */
function receiveOwn(table: Languages, state: RunHead, message: { readonly type: string }, effects: Effects): RunTurn {
  const begins = table.begin(message.type)
  if (begins) return state.status === 'new' ? begin(begins, message, effects) : { refuse: RUN_EXISTS }
  const language = table.decides(state)
  return language && Object.hasOwn(language.message, message.type) ? language.receive(state, message, effects) : {}
}

function begin(language: Language, first: { readonly type: string }, effects: Effects): RunTurn {
  const turn = language.begin(first, effects)
  const named = ({ state, ...others }: Turn<RunHead>): Turn<RunHead> =>
    state ? { ...others, state: { ...state, language: language.name } } : others
  return turn instanceof Promise ? turn.then(named) : named(turn)
}

async function undoRun(language: Language, state: RunHead, reason: string, effects: Effects): Promise<Turn<RunHead>> {
  const turn = await language.cancel(state, { problem: cancelledBy(reason), undo: true }, effects)
  return turn.refuse ? turn : { ...turn, reply: { status: 'taken' } }
}

/** Begins to undo the finished steps of a run that has ended. The goal gets one reply when all are undone. */
async function undoEndedRun(
  language: Language,
  state: RunHead,
  message: UndoEndedRun,
  effects: Effects,
): Promise<Turn<RunHead>> {
  const start = await findStart(effects)
  if (start?.goal !== message.goal || !effects.message.replyTo) return { refuse: NOT_ITS_GOAL }
  return isFinished(state) ? language.undo(state, message, effects) : { refuse: AT_WORK }
}

function takeNotice(table: Languages, state: RunHead, notice: Notice, effects: Effects): RunTurn {
  const language = table.decides(state)
  if (notice.type === 'stop') return { stop: true }
  if (!language || (notice.type === 'cancelled' && isFinished(state))) return {}
  if (notice.type === 'cancelled')
    return language.cancel(state, { problem: cancelledBy(notice.reason), undo: false }, effects)
  if (notice.type !== 'error') return {}
  const { problem, undelivered, from } = notice
  const step = from?.kind === KIND.step ? { step: from.key.slice(effects.self.key.length + 1) } : {}
  return language.died(state, { problem, ...step, ...(undelivered !== undefined && { undelivered }) }, effects)
}

const RUN_OVER: Problem = refusal({ code: 'run_over', message: 'the run has ended' })
const NOT_ITS_GOAL: Problem = refusal({ code: 'run_exists', message: 'the run belongs to another goal' })
const AT_WORK: Problem = refusal({ code: 'run_at_work', message: 'the run has not ended' })

const MAX_WARNINGS = 20

/** Adds a warning to a step that has ended, also after its run. The reply says whether the step had ended. */
export async function recordLateRemark(
  state: RunHead,
  { step, warning }: LateRemark,
  { part }: Pick<Effects, 'part'>,
): Promise<Turn<RunHead>> {
  if (state.status === 'new') return { reply: false, stop: true }
  const name = stepPartName(step)
  const ended = decodeStep(await part(name))
  if (ended?.status !== 'completed' && ended?.status !== 'failed') return { reply: false }
  const warnings = [...new Set([...(ended.warnings ?? []), warning])].slice(0, MAX_WARNINGS)
  return { reply: true, parts: { [name]: encodeStep({ ...ended, warnings }) } }
}

const NONE: StepProgress = { log: [], cut: 0 }

/** Records how far a step is. The first lines of its log stay; those beyond the bounds are counted. */
async function recordProgress(
  state: RunHead,
  { step, log, cut, ...given }: ProgressMessage,
  { part, message: { createdAt: at } }: Pick<Effects, 'part' | 'message'>,
): Promise<Turn<RunHead>> {
  // its run is over, or has dropped it
  if (state.status === 'new') return { stop: true }
  if (!decodeStep(await part(stepPartName(step)))) return {}
  const name = progressPart(step)
  const known = ((await part(name)) ?? NONE) as StepProgress
  const lines = withinBounds([...known.log, ...log.map((line) => ({ ...line, at }))])
  const more = known.log.length + log.length - lines.length
  const newest = given.progress === undefined ? known : { progress: given.progress, at }
  const next: StepProgress = { ...newest, log: lines, cut: known.cut + cut + more }
  return { parts: { [name]: next } }
}

function withinBounds(lines: readonly StepLogLine[]): readonly StepLogLine[] {
  let chars = 0
  const full = lines.findIndex(({ text }, place) => {
    chars += text.length
    return place === PROGRESS_LIMITS.lines || chars > PROGRESS_LIMITS.log
  })
  return full < 0 ? lines : lines.slice(0, full)
}
