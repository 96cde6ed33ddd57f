import { z } from 'zod'
import { id, page } from '../../contract/documents/basic.ts'
import { playbookDocument, playbookSummary } from '../../contract/documents/playbook.ts'
import { describe, pages } from '../../contract/operation.ts'
import { maybe } from '../../document.ts'
import { cursorOfPlaybook } from './port.ts'

const named = z.object({ playbook: id })

/** Learned playbooks: list, read, accept, reject, forget. */
export const PLAYBOOKS = describe({
  'playbooks.list': {
    scope: 'read',
    passes: 'filter',
    summary: 'List learned playbooks by owner, agent and id',
    query: z.object({ ...page, agent: maybe(z.string().max(200)) }),
    answer: pages('a page of playbooks', playbookSummary, cursorOfPlaybook),
    errors: ['bad_cursor'],
  },
  'playbooks.get': {
    scope: 'read',
    passes: 'owner',
    summary: 'Show a learned playbook with its pipeline',
    answer: { about: 'the playbook', schema: playbookDocument },
    errors: ['not_found'],
  },
  'playbooks.accept': {
    scope: 'run',
    passes: 'owner',
    summary: 'Accept a learned playbook: goals of its form follow it',
    answer: { about: 'the playbook is accepted', schema: named },
    errors: ['not_found'],
  },
  'playbooks.reject': {
    scope: 'run',
    passes: 'owner',
    summary: 'Reject a learned playbook: no goal follows it, and an equal one is not proposed again',
    answer: { about: 'the playbook is rejected', schema: named },
    errors: ['not_found'],
  },
  'playbooks.forget': {
    scope: 'run',
    passes: 'owner',
    summary: 'Forget a learned playbook; goals that follow it continue',
    answer: { about: 'the playbook is forgotten', schema: named },
    errors: ['not_found'],
  },
})
