/** The operations of the inbox. Threads add those by which users answer them. */
export const inboxOperations = {
  'inbox.list': { method: 'get', path: '/inbox', takes: ['...'], gives: 'items' },
  'inbox.approve': { method: 'post', path: '/runs/{run}/approve', takes: ['run', '...'], makes: 'sig' },
} as const
