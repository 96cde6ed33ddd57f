/** The operations on many runs at once. */
export const bulkOperations = {
  'bulks.start': { method: 'post', path: '/bulks', takes: ['...'], makes: 'bulk' },
  'bulks.get': { method: 'get', path: '/bulks/{bulk}', takes: ['bulk'] },
} as const
