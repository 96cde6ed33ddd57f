import { stringify } from 'yaml'
import { nameIn } from '../../contract/paging.ts'
import type { Engine } from '../../engine/engine.ts'
import { is, NotFoundError } from '../../errors.ts'
import { LOCAL_OWNER, ownerFilter, ownerOf } from '../../lib/owner.ts'
import { suggestOrList } from '../../pipeline/language/diagnostics/did-you-mean.ts'
import { readSinglePart } from '../../pipeline/plan/refs.ts'
import { type Form, formText } from '../playbook/learn/form.ts'
import {
  agentOfPlaybook,
  contentOf,
  formPart,
  type LearnedEntry,
  type LearnedPlaybook,
  type PlaybooksState,
  playbookPart,
  playbooksRef,
} from '../playbook/learned.ts'
import type { PlaybooksMessage } from '../playbook/playbooks-actor.ts'
import type { PlaybookSummary, PlaybooksPort } from './port.ts'

/** Agents of owners whose playbooks one list reads at most. */
const MAX_AGENTS = 1000

/** The learned playbooks of a runtime. */
export function createPlaybooks(engine: Engine): PlaybooksPort {
  const { view } = engine
  const read = (agent: string, owner: string, name: string) =>
    readSinglePart((actor, page) => view.parts(actor, page), playbooksRef(agent, owner), name)

  async function summariesOf(agent: string, owner: string): Promise<readonly PlaybookSummary[]> {
    const state = (await view.peek(playbooksRef(agent, owner))) as PlaybooksState | undefined
    const entries = (state?.entries ?? []).toSorted((one, other) => (one.id < other.id ? -1 : 1))
    return Promise.all(entries.map((entry) => summaryOf(entry, agent, owner)))
  }

  async function summaryOf(entry: LearnedEntry, agent: string, owner: string): Promise<PlaybookSummary> {
    const form = (await read(agent, owner, formPart(entry.id))) as Form | undefined
    const { verdict = 'proposed', form: _, ...rest } = entry
    return { ...rest, agent, owner, form: formText(form ?? []), status: verdict }
  }

  async function noPlaybook(id: string, owner: string): Promise<NotFoundError> {
    const known = (await list({ owner, limit: 200 })).map((one) => one.id)
    const hint = suggestOrList(id, known, 'playbooks') ?? 'See: antiphon agent playbooks list'
    return new NotFoundError(`There is no playbook ${id}.`, { hint })
  }

  const list: PlaybooksPort['list'] = async ({ owner, agent, after: cursor, limit = 100 } = {}) => {
    const { after = '' } = nameIn(cursor)
    const where = { ...ownerFilter(owner), ...(agent !== undefined && { agent }) }
    const found: PlaybookSummary[] = []
    for (const { index } of await view.list('playbooks', { where, limit: MAX_AGENTS })) {
      const listed = await summariesOf(String(index.agent), ownerOf(index))
      found.push(...listed.filter((one) => `${one.owner}/${one.id}` > after))
      if (found.length >= limit) break
    }
    return found.slice(0, limit)
  }

  return {
    list,
    async get(id, { owner = LOCAL_OWNER } = {}) {
      const agent = agentOfPlaybook(id)
      const summary = agent === undefined ? undefined : (await summariesOf(agent, owner)).find((one) => one.id === id)
      const part = summary && (await read(summary.agent, owner, playbookPart(id)))
      if (!summary || part === undefined) throw await noPlaybook(id, owner)
      const learned = part as LearnedPlaybook
      const { document } = learned
      return {
        ...summary,
        ...contentOf(learned),
        pipeline: stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }),
      }
    },
    accept: (id, { owner = LOCAL_OWNER } = {}) => tell(id, owner, { type: 'judge', playbook: id, verdict: 'accepted' }),
    reject: (id, { owner = LOCAL_OWNER } = {}) => tell(id, owner, { type: 'judge', playbook: id, verdict: 'rejected' }),
    forget: (id, { owner = LOCAL_OWNER } = {}) => tell(id, owner, { type: 'forget', playbook: id }),
  }

  async function tell(id: string, owner: string, body: PlaybooksMessage): Promise<void> {
    const agent = agentOfPlaybook(id)
    if (agent === undefined) throw await noPlaybook(id, owner)
    try {
      await engine.ask(playbooksRef(agent, owner), body)
    } catch (error) {
      throw is(error, 'NotFoundError') ? await noPlaybook(id, owner) : error
    }
  }
}
