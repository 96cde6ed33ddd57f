import type { ActorRef } from '../../kernel/types.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { PlaybookCall } from './learn/describe-calls.ts'
import type { PlaybookDocument } from './learn/document.ts'
import type { Form } from './learn/form.ts'

/** A playbook that was learned from a goal. It is for goals of one form, of one owner and one agent. */
export type LearnedPlaybook = {
  readonly form: Form
  readonly document: PlaybookDocument
  /** digest of the agent's instructions: a goal with other instructions does not use it */
  readonly instructions: string
  /** digest of everything else that its model had before the first call; absent in playbooks of earlier versions */
  readonly surroundings?: string
  /** its calls with the origin of each value; absent in playbooks of earlier versions */
  readonly calls?: readonly PlaybookCall[]
}

/**
 * The verdict on a learned playbook. `certain`: no value in it can be a decision, so it may be used before a person
 * accepts it, if its agent says so. `rejected`: it stays, so that an equal one is not proposed again.
 */
export type PlaybookVerdict = 'accepted' | 'certain' | 'rejected'

/** The use of a learned playbook. Times are ms since the epoch. */
export type LearnedEntry = {
  readonly id: string
  /** absent: it waits for a person, as all playbooks of earlier versions do */
  readonly verdict?: PlaybookVerdict
  /** the goal it was learned from */
  readonly goal: string
  /** digest of its form; absent in playbooks of earlier versions, whose ids end with it */
  readonly form?: string
  readonly learnedAt: number
  /** absent: it was never used */
  readonly usedAt?: number
  readonly uses: number
  /** failures since the last success */
  readonly failures: number
}

/** The cell of `playbooks/<owner>/<agent>`. The forms and the playbooks are in parts. */
export type PlaybooksState = { readonly entries: readonly LearnedEntry[] }

/** The address of the learned playbooks of an owner and an agent. */
export const playbooksRef = (agent: string, owner = LOCAL_OWNER): ActorRef => ({
  kind: 'playbooks',
  key: `${owner}/${agent}`,
})

export const formPart = (id: string) => `form/${id}`
/** The form of a playbook that goals may follow. Playbooks that wait for a person have no such part. */
export const USABLE_PARTS = 'use/'
export const usablePart = (id: string) => `${USABLE_PARTS}${id}`
export type UsablePart = { readonly form: Form; readonly verdict: 'accepted' | 'certain' }
export const playbookPart = (id: string) => `playbook/${id}`

/**
 * The id of a playbook by its agent and a digest, and the agent of an
 * id. A person who accepts an id accepts what was shown under it.
 */
export const playbookId = (agent: string, digest: string) => `${agent}-${digest}`
export const agentOfPlaybook = (id: string): string | undefined => /^(.+)-[0-9a-f]{8}$/.exec(id)?.[1]

/** The contents of a playbook that a person reads before accepting it. */
export const contentOf = ({ calls, document: { outputs } }: LearnedPlaybook) => ({
  ...(calls && { calls: [...calls] }),
  answer: outputs.answer ?? 'the results of its last calls',
})
