import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { retryUpTo } from '../../kernel/supervise.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'
import type { Lesson } from '../goal/state.ts'
import type { AgentServices } from '../services.ts'
import { digestOfForm, type Form } from './learn/form.ts'
import { type Learning, learnInPool } from './learn-playbook.ts'
import {
  formPart,
  type LearnedEntry,
  type PlaybooksState,
  type PlaybookVerdict,
  playbookId,
  playbookPart,
  usablePart,
} from './learned.ts'

const text = z.string().min(1)
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('learn'), goal: text }),
  z.object({ type: z.literal('used'), playbook: text, succeeded: z.boolean() }),
  z.object({ type: z.literal('unlearn'), goal: text, playbook: text.exactOptional() }),
  z.object({ type: z.literal('judge'), playbook: text, verdict: z.enum(['accepted', 'rejected']) }),
  z.object({ type: z.literal('forget'), playbook: text }),
])

/**
 * Messages to the learned playbooks. `learn` comes from a goal that was completed, `used` from one that followed a playbook. `unlearn` forgets the
 * playbook that a goal taught or followed, because a person rated the goal bad. `judge` says whether goals may follow one. `forget` forgets one by its id.
 */
export type PlaybooksMessage = z.infer<typeof message>

/** Playbooks of an owner that wait for a person, of all agents together. */
const MAX_PROPOSALS = 100

/** Other playbooks of one owner and agent. The one that was not used for the longest time goes first. */
const MAX_PLAYBOOKS = 100

/** Failures in a row after which a playbook is forgotten: the world has changed. */
const MAX_FAILURES = 2

/** `playbooks/<owner>/<agent>`: the playbooks that an agent has learned for an owner. */
export function playbooksActor(services: AgentServices): Actor<PlaybooksState, PlaybooksMessage> {
  return defineActor<PlaybooksState, PlaybooksMessage>({
    kind: 'playbooks',
    message,
    initial: () => ({ entries: [] }),
    supervise: retryUpTo(2),
    async receive(state, asked, effects) {
      switch (asked.type) {
        case 'learn':
          return learnFrom(services, state, asked.goal, effects)
        case 'used':
          return noteUse(state, asked.playbook, asked.succeeded, effects)
        case 'unlearn':
          return without(state, ({ id, goal }) => id === asked.playbook || goal === asked.goal, effects)
        case 'judge':
          return judge(state, asked.playbook, asked.verdict, effects)
        case 'forget': {
          if (!state.entries.some(({ id }) => id === asked.playbook)) return noSuchPlaybook(state)
          return { ...without(state, ({ id }) => id === asked.playbook, effects), reply: true }
        }
      }
    },
  })
}

async function learnFrom(
  services: AgentServices,
  state: PlaybooksState,
  goal: string,
  effects: Effects,
): Promise<Turn<PlaybooksState>> {
  const learn = async (call: Parameters<typeof learnInPool>[2]) => (await learnInPool(services, goal, call)) as Json
  const learning = (await effects.run('learn', learn, { effect: 'pure' })) as Learning
  if ('reason' in learning) return noLesson(state, learning.reason)
  const { learned, isUsable } = learning
  const id = playbookId(ownerAndAgent(effects).agent, digestOfForm(learned.form))
  const known = state.entries.find((one) => one.id === id)
  if (known && isDeepStrictEqual(await effects.part(playbookPart(id)), learned)) {
    if (known.verdict === 'rejected') return noLesson(state, `a person rejected this playbook: ${id}`)
    // goals of an agent that was told to propose may have taught it before
    if (known.verdict === undefined && isUsable) return judged(state, id, 'certain', effects, learned.form)
    return { reply: lessonOf(known) }
  }
  // two goals of one form that were done in different ways: a person has to look at it
  const verdict = isUsable && !known ? ({ verdict: 'certain' } as const) : {}
  const entry: LearnedEntry = { id, goal, learnedAt: await effects.now(), uses: 0, failures: 0, ...verdict }
  if (
    isProposal(entry) &&
    !(known && isProposal(known)) &&
    (await countProposals(services, state, effects)) >= MAX_PROPOSALS
  )
    return noLesson(state, `${MAX_PROPOSALS} playbooks wait for a person already; see: antiphon inbox`)
  const { kept, gone } = bounded([...state.entries.filter((one) => one !== known), entry])
  return {
    ...turnOf(kept, effects),
    parts: {
      ...withoutParts(gone),
      ...partsOf(entry, learned.form),
      [playbookPart(id)]: learned as Json,
    },
    events: [{ type: 'learn', playbook: id, goal }],
    reply: lessonOf(entry),
  }
}

function noLesson({ entries }: PlaybooksState, reason: string): Turn<PlaybooksState> {
  return { reply: lessonMessage({ status: 'none', reason }), ...(entries.length === 0 && { stop: true }) }
}

const lessonMessage = (lesson: Lesson): Json => ({ type: 'lesson', lesson })
const lessonOf = (entry: LearnedEntry) =>
  lessonMessage({ status: 'learned', playbook: entry.id, ...(isProposal(entry) && { proposed: true }) })

const isProposal = ({ verdict }: LearnedEntry) => verdict === undefined

/** The playbooks that wait for a person, of all agents of the owner. */
async function countProposals(services: AgentServices, state: PlaybooksState, effects: Effects): Promise<number> {
  const { owner, agent } = ownerAndAgent(effects)
  const count = () => services.learning.countProposals(owner, agent)
  return state.entries.filter(isProposal).length + (await effects.run('count', count, { effect: 'pure' }))
}

/** The playbooks that are kept: all that wait for a person, and of the others those that were used last. */
function bounded(entries: readonly LearnedEntry[]) {
  const settled = entries.filter((one) => !isProposal(one)).toSorted((one, other) => lastUse(other) - lastUse(one))
  const gone = settled.slice(MAX_PLAYBOOKS)
  return { kept: entries.filter((one) => !gone.includes(one)), gone }
}

const lastUse = ({ learnedAt, usedAt = learnedAt }: LearnedEntry) => usedAt

/** A person, or a goal, has said what may be done with a playbook. */
function judged(
  { entries }: PlaybooksState,
  id: string,
  verdict: PlaybookVerdict,
  effects: Effects,
  form: Form,
): Turn<PlaybooksState> {
  const entry: LearnedEntry = { ...entries.find((one) => one.id === id)!, verdict, failures: 0 }
  const { kept, gone } = bounded(entries.map((one) => (one.id === id ? entry : one)))
  return {
    ...turnOf(kept, effects),
    parts: { ...withoutParts(gone), ...partsOf(entry, form) },
    events: [{ type: 'verdict', playbook: id, verdict }],
    reply: verdict === 'certain' ? lessonOf(entry) : true,
  }
}

async function judge(
  state: PlaybooksState,
  id: string,
  verdict: PlaybookVerdict,
  effects: Effects,
): Promise<Turn<PlaybooksState>> {
  const form = (await effects.part(formPart(id))) as Form | undefined
  if (!form || !state.entries.some((one) => one.id === id)) return noSuchPlaybook(state)
  return judged(state, id, verdict, effects, form)
}

/** Only a playbook that goals may follow has a part that they find. */
function partsOf({ id, verdict }: LearnedEntry, form: Form): { readonly [part: string]: Json | null } {
  const isUsable = verdict === 'accepted' || verdict === 'certain'
  return { [formPart(id)]: form as Json, [usablePart(id)]: isUsable ? ({ form, verdict } as unknown as Json) : null }
}

async function noteUse(
  state: PlaybooksState,
  playbook: string,
  succeeded: boolean,
  effects: Effects,
): Promise<Turn<PlaybooksState>> {
  const entry = state.entries.find(({ id }) => id === playbook)
  if (!entry) return state.entries.length === 0 ? { stop: true } : {}
  const failures = succeeded ? 0 : entry.failures + 1
  if (failures >= MAX_FAILURES) return without(state, ({ id }) => id === playbook, effects)
  const used = { ...entry, usedAt: await effects.now(), uses: entry.uses + 1, failures }
  return { state: { entries: state.entries.map((one) => (one === entry ? used : one)) } }
}

/** Forgets the playbooks that a test names. */
function without(
  { entries }: PlaybooksState,
  isGone: (entry: LearnedEntry) => boolean,
  effects: Effects,
): Turn<PlaybooksState> {
  const gone = entries.filter(isGone)
  const kept = entries.filter((entry) => !isGone(entry))
  if (kept.length === 0) return { stop: true }
  if (gone.length === 0) return {}
  return {
    ...turnOf(kept, effects),
    parts: withoutParts(gone),
    events: gone.map(({ id }) => ({ type: 'forget', playbook: id })),
  }
}

const withoutParts = (entries: readonly LearnedEntry[]) =>
  Object.fromEntries(entries.flatMap(({ id }) => [formPart, usablePart, playbookPart].map((part) => [part(id), null])))

function turnOf(entries: readonly LearnedEntry[], effects: Effects) {
  const { owner, agent } = ownerAndAgent(effects)
  const waiting = entries.filter(isProposal)
  const index = {
    ...ownerField(owner),
    ...{ agent, playbooks: entries.length, proposals: waiting.length },
    ...(waiting.length > 0 && { inbox: 1, since: Math.min(...waiting.map(({ learnedAt }) => learnedAt)) }),
  }
  return { state: { entries }, index }
}

function noSuchPlaybook({ entries }: PlaybooksState): Turn<PlaybooksState> {
  return { refuse: NO_SUCH_PLAYBOOK, ...(entries.length === 0 && { stop: true }) }
}

function ownerAndAgent({ self: { key } }: Effects): { readonly owner: string; readonly agent: string } {
  const slash = key.lastIndexOf('/')
  return { owner: key.slice(0, slash), agent: key.slice(slash + 1) }
}

const NO_SUCH_PLAYBOOK: Problem = {
  code: 'not_found',
  name: 'NotFoundError',
  message: 'the playbook does not exist',
  terminal: true,
}
