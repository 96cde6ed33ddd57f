import { z } from 'zod'
import { id, listOf, maybe, page } from '../../contract/documents/basic.ts'
import { playbookDocument, playbookSummary } from '../../contract/documents/playbook.ts'
import { describe } from '../../contract/operation.ts'

const playbookParams = z.object({ playbook: id })

/** Learned playbooks: list, read, accept, reject, forget. */
export const PLAYBOOKS = describe({
  'playbooks.list': {
    scope: 'read',
    summary: 'List learned playbooks by owner, agent and id',
    query: z.object({ ...page, agent: maybe(z.string().max(200)) }),
    answer: { about: 'a page of playbooks', schema: listOf(playbookSummary) },
    errors: ['bad_cursor'],
  },
  'playbooks.get': {
    scope: 'read',
    summary: 'Show a learned playbook with its pipeline',
    params: playbookParams,
    answer: { about: 'the playbook', schema: playbookDocument },
    errors: ['not_found'],
  },
  'playbooks.accept': {
    scope: 'run',
    summary: 'Accept a learned playbook: goals of its form follow it',
    params: playbookParams,
    answer: { about: 'the playbook is accepted', schema: playbookParams },
    errors: ['not_found'],
  },
  'playbooks.reject': {
    scope: 'run',
    summary: 'Reject a learned playbook: no goal follows it, and an equal one is not proposed again',
    params: playbookParams,
    answer: { about: 'the playbook is rejected', schema: playbookParams },
    errors: ['not_found'],
  },
  'playbooks.forget': {
    scope: 'run',
    summary: 'Forget a learned playbook; goals that follow it continue',
    params: playbookParams,
    answer: { about: 'the playbook is forgotten', schema: playbookParams },
    errors: ['not_found'],
  },
})
