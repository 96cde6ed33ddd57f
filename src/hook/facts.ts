import type { ErrorCodes } from '../errors.ts'

export const hookCodes = {
  hook_signature: { status: 401, exit: 1, means: 'the signature of the delivery is missing, or does not fit' },
  hook_time: { status: 401, exit: 1, means: 'the delivery was signed more than five minutes ago, or in the future' },
  hook_secret: { status: 503, exit: 1, means: 'the secret of the hook is missing, or cannot be used' },
  hook_field: { as: 'InvalidError', means: 'the delivery lacks a field that the definition of the hook names' },
  signal_address_over: { status: 410, exit: 1, means: 'the wait behind the address of a signal has ended' },
} as const satisfies ErrorCodes

export const hookOperations = {
  'hooks.list': { method: 'get', path: '/hooks', takes: [], gives: 'items' },
  'hooks.deliver': { method: 'post', path: '/hooks/{name}', sends: 'bytes' },
  'hooks.signal': { method: 'post', path: '/signals/{of}/{step}/{token}', sends: 'bytes' },
} as const
