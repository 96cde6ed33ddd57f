import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import { retryUpTo } from '../../kernel/supervise.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../../kernel/types.ts'
import {
  bounded,
  isProposal,
  judged,
  lessonMessage,
  lessonOf,
  noSuchPlaybook,
  ownerAndAgent,
  partsOf,
  turnOf,
  without,
  withoutParts,
} from './entries.ts'
import { digestOfForm, type Form } from './learn/form.ts'
import { digestOfLearned, type Learning, learnInPool } from './learn-playbook.ts'
import {
  formPart,
  type LearnedEntry,
  type LearnedPlaybook,
  type PlaybooksState,
  type PlaybookVerdict,
  playbookId,
  playbookPart,
} from './learned.ts'
import type { PlaybookServices } from './services.ts'

const text = z.string().min(1)
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('learn'), goal: text }),
  z.object({ type: z.literal('used'), playbook: text, succeeded: z.boolean() }),
  z.object({ type: z.literal('unlearn'), goal: text, playbook: text.exactOptional() }),
  z.object({ type: z.literal('judge'), playbook: text, verdict: z.enum(['accepted', 'rejected']) }),
  z.object({ type: z.literal('forget'), playbook: text }),
])

/**
 * Messages to the learned playbooks. `learn` comes from a goal that was completed, `used` from one that followed a
 * playbook. `unlearn` forgets the playbook that a goal taught or followed, because a person rated the goal bad. `judge`
 * says whether goals may follow one. `forget` forgets one by its id.
 */
export type PlaybooksMessage = z.infer<typeof message>

/** Playbooks of an owner that wait for a person, of all agents together. */
const MAX_PROPOSALS = 100

/** Failures in a row after which a playbook is forgotten: the world has changed. */
const MAX_FAILURES = 2

/** `playbooks/<owner>/<agent>`: the playbooks that an agent has learned for an owner. */
export function playbooksActor(services: PlaybookServices): Actor<PlaybooksState, PlaybooksMessage> {
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
  services: PlaybookServices,
  state: PlaybooksState,
  goal: string,
  effects: Effects,
): Promise<Turn<PlaybooksState>> {
  const learn = async (call: Parameters<typeof learnInPool>[2]) => (await learnInPool(services, goal, call)) as Json
  const learning = (await effects.run('learn', learn, { effect: 'pure' })) as Learning
  if ('reason' in learning) return noLesson(state, learning.reason)
  const { learned, isUsable } = learning
  const id = playbookId(ownerAndAgent(effects).agent, digestOfLearned(learned))
  const known = state.entries.find((one) => one.id === id)
  if (known) {
    if (!isDeepStrictEqual(await effects.part(playbookPart(id)), learned))
      return noLesson(state, `another playbook has the id ${id}`)
    if (known.verdict === 'rejected') return noLesson(state, `a person rejected this playbook: ${id}`)
    return { reply: lessonOf(known) }
  }
  const { stale, isContested } = await rivalsOf(state, learned, effects)
  // two goals of one form that were done in different ways: a person has to look at them
  const verdict = isUsable && !isContested ? ({ verdict: 'certain' } as const) : {}
  const form = digestOfForm(learned.form)
  const entry: LearnedEntry = { id, goal, form, learnedAt: await effects.now(), uses: 0, failures: 0, ...verdict }
  const left = state.entries.filter((one) => !stale.includes(one))
  if (isProposal(entry) && (await countProposals(services, left, effects)) >= MAX_PROPOSALS)
    return noLesson(state, `${MAX_PROPOSALS} playbooks already wait for a person; see: antiphon inbox`)
  const { kept: within, gone } = bounded([...left, entry], entry)
  return {
    ...turnOf(within, effects),
    parts: {
      ...withoutParts([...gone, ...stale]),
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

/**
 * The other playbooks of the same form. Playbooks that were learned under other instructions are stale, unless a person
 * accepted them. `isContested`: one of them makes other calls under the same instructions.
 */
async function rivalsOf({ entries }: PlaybooksState, learned: LearnedPlaybook, effects: Effects) {
  const form = digestOfForm(learned.form)
  // ids of earlier versions end with the digest of the form
  const rivals = entries.filter((one) => (one.form ?? one.id.slice(-form.length)) === form)
  const isCurrent = await Promise.all(
    rivals.map(async ({ id }) => {
      const part = (await effects.part(playbookPart(id))) as LearnedPlaybook | undefined
      return part?.instructions === learned.instructions && part.surroundings === learned.surroundings
    }),
  )
  return {
    stale: rivals.filter(({ verdict }, place) => !isCurrent[place] && verdict !== 'accepted'),
    isContested: isCurrent.some(Boolean),
  }
}

/** The playbooks that wait for a person, of all agents of the owner. */
async function countProposals(
  services: PlaybookServices,
  entries: readonly LearnedEntry[],
  effects: Effects,
): Promise<number> {
  const { owner, agent } = ownerAndAgent(effects)
  const count = () => services.learning.countProposals(owner, agent)
  return entries.filter(isProposal).length + (await effects.run('count', count, { effect: 'pure' }))
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
