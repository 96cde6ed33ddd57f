import { type Form, formText } from '../../agent/playbook/learn/form.ts'
import {
  contentOf,
  formPart,
  type LearnedPlaybook,
  type PlaybooksState,
  playbookPart,
  playbooksRef,
} from '../../agent/playbook/learned.ts'
import type { ListedActor } from '../../engine/engine.ts'
import { ownerOf } from '../../lib/owner.ts'
import { readSinglePart } from '../../pipeline/plan/refs.ts'
import type { PlaybookItem } from '../ports/inbox.ts'
import type { InboxReader, InboxSource } from './source.ts'

/** The playbooks of an owner and an agent that wait for a person, the oldest first. */
export const PLAYBOOKS: InboxSource = { kind: 'playbooks', itemsOf }

async function itemsOf({ view }: InboxReader, { index }: ListedActor): Promise<readonly PlaybookItem[]> {
  const [agent, owner] = [String(index.agent), ownerOf(index)]
  const of = playbooksRef(agent, owner)
  const read = (name: string) => readSinglePart((actor, page) => view.parts(actor, page), of, name)
  const { entries = [] } = ((await view.peek(of)) ?? {}) as Partial<PlaybooksState>
  const items = entries
    .filter(({ verdict }) => verdict === undefined)
    .map(async ({ id, goal, learnedAt }): Promise<readonly PlaybookItem[]> => {
      const [form, learned] = await Promise.all([read(formPart(id)), read(playbookPart(id))])
      if (form === undefined || learned === undefined) return []
      const about = { playbook: id, agent, owner, goal, form: formText(form as Form), since: learnedAt }
      const title = `May goals like this follow the learned playbook ${id}?`
      const expects = { type: 'playbook' as const, choices: ['accept', 'reject'] as ['accept', 'reject'] }
      return [{ kind: 'playbook', ...about, title, ...contentOf(learned as LearnedPlaybook), expects }]
    })
  return (await Promise.all(items)).flat()
}
