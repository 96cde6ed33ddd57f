import type { ActorRef } from '../../kernel/types.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { PlaybookDocument } from './learn/document.ts'
import type { Form } from './learn/form.ts'

/** A playbook that was learned from a goal. It is for goals of one form, of one owner and one agent. */
export type LearnedPlaybook = {
  readonly form: Form
  readonly document: PlaybookDocument
  /** digest of the agent's instructions: a goal with other instructions does not use it */
  readonly instructions: string
}

/** The use of a learned playbook. Times are ms since the epoch. */
export type LearnedEntry = {
  readonly id: string
  /** the goal it was learned from */
  readonly goal: string
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

export const FORM_PARTS = 'form/'
export const formPart = (id: string) => `${FORM_PARTS}${id}`
export const playbookPart = (id: string) => `playbook/${id}`

/** The id of a playbook by its agent and the digest of its form, and the agent of an id. */
export const playbookId = (agent: string, digest: string) => `${agent}-${digest}`
export const agentOfPlaybook = (id: string): string | undefined => /^(.+)-[0-9a-f]{8}$/.exec(id)?.[1]
