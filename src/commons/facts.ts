import type { ErrorCodes } from '../errors.ts'

export const commonsCodes = {
  owner_reserved: { status: 403, exit: 2, means: 'the owner has the shared prompts, which antiphon.yaml allows' },
  sharing_off: { status: 409, exit: 2, means: 'antiphon.yaml does not allow asks to share prompts, or to search them' },
  ask_not_completed: { status: 409, exit: 2, means: 'an ask that is not completed cites nothing' },
  not_retrieved: { status: 409, exit: 2, means: 'the citing ask has not found the cited prompt' },
  self_citation: { status: 409, exit: 2, means: 'the cited prompt is of the owner who cites it' },
} as const satisfies ErrorCodes

export const commonsOperations = {
  'priors.sharing': { method: 'get', path: '/ledger/sharing', takes: [] },
  'priors.setSharing': { method: 'put', path: '/ledger/sharing', takes: ['agreed'] },
  'priors.get': { method: 'get', path: '/priors/{prior}', takes: ['prior'] },
  'priors.forget': { method: 'delete', path: '/priors/{prior}', takes: ['prior'], gives: 'nothing' },
  'priors.rewards': { method: 'get', path: '/asks/{ask}/rewards', takes: ['ask'] },
  'priors.recordCitation': { method: 'post', path: '/citations', takes: ['...'] },
} as const
