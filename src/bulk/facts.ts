export const bulkOperations = {
  'bulks.start': { method: 'post', path: '/bulks', takes: ['...'], makes: 'bulk' },
  'bulks.list': { method: 'get', path: '/bulks', takes: ['...'], gives: 'items' },
  'bulks.get': { method: 'get', path: '/bulks/{bulk}', takes: ['bulk'] },
} as const
