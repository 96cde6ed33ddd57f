import { z } from 'zod'
import { maybe } from '../../document.ts'
import { describe } from '../../house/describe.ts'
import { ownerName } from '../../house/scope.ts'
import { erasureOperations } from '../facts.ts'
import { ownerErasure } from './documents.ts'

/** Erasures: everything of an owner, for good. */
export const ERASURES_CONTRACT = describe(erasureOperations, {
  'erasures.forget': {
    scope: 'admin',
    summary: 'Forget an owner: remove its keys, its work and everything that is stored of it',
    params: z.object({ owner: ownerName }),
    body: z.strictObject({ dryRun: maybe(z.boolean()).meta({ description: 'only count' }) }),
    answer: { about: 'what was removed, and what remains', schema: ownerErasure },
    errors: ['erasure_not_shared', 'local_only', 'storage'],
  },
  'erasures.get': {
    scope: 'admin',
    summary: 'Show the report of an erasure',
    answer: { about: 'the report', schema: ownerErasure },
    errors: ['not_found', 'erasure_not_shared'],
  },
})
