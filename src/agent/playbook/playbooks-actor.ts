import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { retryUpTo } from '../../kernel/supervise.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'
import type { Lesson } from '../goal/state.ts'
import type { AgentServices } from '../services.ts'
import { digestOfForm } from './learn/form.ts'
import { type Learning, learnInPool } from './learn-playbook.ts'
import { formPart, type LearnedEntry, type PlaybooksState, playbookId, playbookPart } from './learned.ts'

const text = z.string().min(1)
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('learn'), goal: text }),
  z.object({ type: z.literal('used'), playbook: text, succeeded: z.boolean() }),
  z.object({ type: z.literal('unlearn'), goal: text, playbook: text.exactOptional() }),
  z.object({ type: z.literal('forget'), playbook: text }),
])

/**
 * Messages to the learned playbooks. `learn` comes from a goal that was completed, `used` from one that followed a playbook. `unlearn` forgets the
 * playbook that a goal taught or followed, because a person rated the goal bad. `forget` forgets one by its id.
 */
export type PlaybooksMessage = z.infer<typeof message>

/** Playbooks of one owner and agent. The one that was not used for the longest time goes first. */
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
        case 'forget': {
          const isKnown = state.entries.some(({ id }) => id === asked.playbook)
          if (!isKnown) return { refuse: NO_SUCH_PLAYBOOK, ...(state.entries.length === 0 && { stop: true }) }
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
  if ('reason' in learning) {
    const lesson: Lesson = { status: 'none', reason: learning.reason }
    return { reply: lessonMessage(lesson), ...(state.entries.length === 0 && { stop: true }) }
  }
  const { form } = learning.learned
  const id = playbookId(ownerAndAgent(effects).agent, digestOfForm(form))
  const entry: LearnedEntry = { id, goal, learnedAt: await effects.now(), uses: 0, failures: 0 }
  const entries = [...state.entries.filter((one) => one.id !== id), entry]
  const kept = entries.toSorted((one, other) => lastUse(other) - lastUse(one)).slice(0, MAX_PLAYBOOKS)
  const gone = entries.filter((one) => !kept.includes(one))
  return {
    ...turnOf(kept, effects),
    parts: {
      ...withoutParts(gone),
      [formPart(id)]: form as Json,
      [playbookPart(id)]: learning.learned as Json,
    },
    events: [{ type: 'learn', playbook: id, goal }],
    reply: lessonMessage({ status: 'learned', playbook: id }),
  }
}

const lessonMessage = (lesson: Lesson): Json => ({ type: 'lesson', lesson })
const lastUse = ({ learnedAt, usedAt = learnedAt }: LearnedEntry) => usedAt

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
  Object.fromEntries(entries.flatMap(({ id }) => [[formPart(id), null] as const, [playbookPart(id), null] as const]))

function turnOf(entries: readonly LearnedEntry[], effects: Effects) {
  const { owner, agent } = ownerAndAgent(effects)
  return { state: { entries }, index: { ...ownerField(owner), agent, playbooks: entries.length } }
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
