import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'
import { inboxSince } from '../../work/inbox.ts'
import type { Lesson } from '../protocol/stored-goal.ts'
import type { Form } from './learn/form.ts'
import {
  formPart,
  type LearnedEntry,
  type PlaybooksState,
  type PlaybookVerdict,
  playbookPart,
  usablePart,
} from './learned.ts'

/** The maximum number of other playbooks of one owner and agent. The least recently used one is removed first. */
const MAX_PLAYBOOKS = 100

/** Whether a playbook waits for a person. */
export const isProposal = ({ verdict }: LearnedEntry) => verdict === undefined

/** The message that tells a goal what it taught. */
export const lessonMessage = (lesson: Lesson): Json => ({ type: 'lesson', lesson })

/** The lesson of a goal that taught a playbook. */
export const lessonOf = (entry: LearnedEntry) =>
  lessonMessage({ status: 'learned', playbook: entry.id, ...(isProposal(entry) && { proposed: true }) })

/**
 * The playbooks that are kept: the new one, all that wait for a person, and of the others those that were used last.
 */
export function bounded(entries: readonly LearnedEntry[], newest: LearnedEntry) {
  const settled = entries.filter((one) => one !== newest && !isProposal(one))
  const gone = settled.toSorted((one, other) => lastUse(other) - lastUse(one)).slice(MAX_PLAYBOOKS - 1)
  return { kept: entries.filter((one) => !gone.includes(one)), gone }
}

const lastUse = ({ learnedAt, usedAt = learnedAt }: LearnedEntry) => usedAt

/** Records a verdict of a person or a goal on a playbook. */
export function judged(
  { entries }: PlaybooksState,
  id: string,
  verdict: PlaybookVerdict,
  effects: Effects,
  form: Form,
): Turn<PlaybooksState> {
  const entry: LearnedEntry = { ...entries.find((one) => one.id === id)!, verdict, failures: 0 }
  const { kept: within, gone } = bounded(
    entries.map((one) => (one.id === id ? entry : one)),
    entry,
  )
  return {
    ...turnOf(within, effects),
    parts: { ...withoutParts(gone), ...partsOf(entry, form) },
    events: [{ type: 'verdict', playbook: id, verdict }],
    reply: verdict === 'certain' ? lessonOf(entry) : true,
  }
}

/** The parts of an entry. Only a playbook that goals may follow has a part that they find. */
export function partsOf({ id, verdict }: LearnedEntry, form: Form): { readonly [part: string]: Json | null } {
  const isUsable = verdict === 'accepted' || verdict === 'certain'
  return { [formPart(id)]: form as Json, [usablePart(id)]: isUsable ? ({ form, verdict } as unknown as Json) : null }
}

/** Forgets the playbooks for which a predicate holds. */
export function without(
  { entries }: PlaybooksState,
  isGone: (entry: LearnedEntry) => boolean,
  effects: Effects,
): Turn<PlaybooksState> {
  const gone = entries.filter(isGone)
  const left = entries.filter((entry) => !isGone(entry))
  if (left.length === 0) return { stop: true }
  if (gone.length === 0) return {}
  return {
    ...turnOf(left, effects),
    parts: withoutParts(gone),
    events: gone.map(({ id }) => ({ type: 'forget', playbook: id })),
  }
}

/** The parts of entries, removed. */
export const withoutParts = (entries: readonly LearnedEntry[]) =>
  Object.fromEntries(entries.flatMap(({ id }) => [formPart, usablePart, playbookPart].map((part) => [part(id), null])))

/** The state and the index of the playbooks that are left. */
export function turnOf(entries: readonly LearnedEntry[], effects: Effects) {
  const { owner, agent } = ownerAndAgent(effects)
  const waiting = entries.filter(isProposal)
  const index = {
    ...ownerField(owner),
    agent,
    playbooks: entries.length,
    proposals: waiting.length,
    ...(waiting.length > 0 && inboxSince(Math.min(...waiting.map(({ learnedAt }) => learnedAt)))),
  }
  return { state: { entries }, index }
}

/** Rejects a message about an unknown playbook. */
export function noSuchPlaybook({ entries }: PlaybooksState): Turn<PlaybooksState> {
  return { refuse: NO_SUCH_PLAYBOOK, ...(entries.length === 0 && { stop: true }) }
}

/** The owner and the agent of the actor. */
export function ownerAndAgent({ self: { key } }: Effects): { readonly owner: string; readonly agent: string } {
  const slash = key.lastIndexOf('/')
  return { owner: key.slice(0, slash), agent: key.slice(slash + 1) }
}

const NO_SUCH_PLAYBOOK: Problem = {
  code: 'not_found',
  name: 'NotFoundError',
  message: 'the playbook does not exist',
  terminal: true,
}
