import { z } from 'zod'
import { givenId } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { ledgerReceipt } from '../../ledger/room/documents.ts'
import { commonsOperations } from '../facts.ts'
import { askRewards, prior, sharing } from './documents.ts'

/** Shared prompts, and the rewards for them. */
export const PRIORS_CONTRACT = describe(commonsOperations, {
  'priors.sharing': {
    scope: 'read',
    summary: 'Show whether you have agreed to share the prompts of your asks',
    answer: { about: 'what you have agreed to', schema: sharing },
    errors: ['sharing_off'],
  },
  'priors.setSharing': {
    scope: 'ask',
    summary: 'Agree to share the prompts of your asks, or take that back. An ask may still say otherwise',
    body: z.strictObject({ agreed: z.boolean() }),
    answer: { about: 'what you have agreed to', schema: sharing },
    errors: ['sharing_off'],
  },
  'priors.get': {
    scope: 'read',
    summary: 'Show a shared prompt',
    answer: { about: 'the prompt; nothing tells whose it is', schema: prior },
    errors: ['not_found'],
  },
  'priors.forget': {
    scope: 'ask',
    summary: 'Remove a prompt that you have shared; an admin removes all',
    answer: { about: 'it is gone; entries of the ledger stay', names: 'prior', schema: z.object({ id: z.string() }) },
    errors: ['not_found'],
  },
  'priors.rewards': {
    scope: 'read',
    summary: 'Show what became of the prompt of an ask, and which citations it pays',
    answer: { about: 'the rewards', schema: askRewards },
    errors: ['not_found'],
  },
  'priors.recordCitation': {
    scope: 'admin',
    summary: 'Pay the author of a shared prompt for a citation',
    body: z.strictObject({
      citedRecord: givenId.meta({ description: 'the id of the prior' }),
      citingAsk: givenId.meta({ description: 'the id of the ask that cites it' }),
      value: z.union([z.string(), z.number()]).meta({ description: 'whole base units above zero' }),
    }),
    answer: { about: 'the receipt; the same citation gives the same', schema: ledgerReceipt },
    errors: [
      ...(['ledger_off', 'not_found', 'bad_amount', 'ask_not_completed', 'not_retrieved', 'self_citation'] as const),
      ...(['operation_conflict', 'daily_cap'] as const),
    ],
  },
})
