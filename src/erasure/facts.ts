import type { ErrorCodes } from '../errors.ts'

export const erasureCodes = {
  being_forgotten: { status: 409, exit: 2, means: 'the owner is being forgotten, so no work of it begins' },
  erasure_not_shared: { status: 409, exit: 2, means: 'on a cluster an owner cannot be forgotten' },
} as const satisfies ErrorCodes

export const erasureOperations = {
  'erasures.forget': { method: 'post', path: '/owners/{owner}/forget', takes: ['owner', '...'] },
  'erasures.get': { method: 'get', path: '/erasures/{erasure}', takes: ['erasure'] },
} as const
