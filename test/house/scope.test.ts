import { expect, it } from 'vitest'
import { type KeyScope, scopeMissing } from '../../src/house/scope.ts'

const staff = { owner: '*sue', scopes: ['approve'] as readonly KeyScope[], visitor: {} }

it.each([
  [{}, 'read', 'Use a key that was made with --scope read.'],
  [
    { owner: 'ann', visitor: {} },
    'read',
    "To allow it, let the function `owner` of the handler return { owner, scopes: ['talk', 'read'] }.",
  ],
  [
    { ...staff, staff: { owners: 'all' as const } },
    'read',
    "To allow it, let the function `owner` of the handler return { staff: 'sue', scopes: ['read', 'approve'], owners: 'all' }.",
  ],
  [
    { ...staff, staff: { owners: ['ann', 'bob'] } },
    'read',
    "To allow it, let the function `owner` of the handler return { staff: 'sue', scopes: ['read', 'approve'], owners: ['ann', 'bob'] }.",
  ],
  [
    { ...staff, staff: { owners: 'all' as const } },
    'run',
    'Staff may have the scopes read, approve, audit. Use a key for it.',
  ],
] as const)('the hint for a caller says what its program returns: %j lacks %s', (caller, scope, hint) => {
  expect(scopeMissing(scope, caller)).toMatchObject({ code: 'scope_missing', hint })
})
