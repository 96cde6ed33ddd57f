import type { ErrorCodes } from '../errors.ts'

export const threadCodes = {
  ask_over: { status: 409, exit: 2, means: 'the ask has ended' },
  thread_at_work: { status: 409, exit: 2, means: 'the thread still answers a message, so it cannot be removed' },
  thread_removed: { status: 410, exit: 2, means: 'the thread was removed' },
} as const satisfies ErrorCodes

export const threadOperations = {
  'threads.list': { method: 'get', path: '/threads', takes: ['...'], gives: 'items' },
  'threads.get': { method: 'get', path: '/threads/{thread}', takes: ['thread'] },
  'threads.name': { method: 'put', path: '/threads/{thread}/name', takes: ['thread', 'name'], gives: 'nothing' },
  'threads.remove': { method: 'delete', path: '/threads/{thread}', takes: ['thread'], gives: 'nothing' },
  'threads.messages': { method: 'get', path: '/threads/{thread}/messages', takes: ['thread', '...'], gives: 'items' },
  'threads.ask': { method: 'post', path: '/threads/{thread}/asks', takes: ['...', 'signal'], makes: 'ask' },
  'threads.startAsk': { method: 'put', path: '/threads/{thread}/asks/{ask}', takes: ['...', 'ask'] },
  'threads.getAsk': { method: 'get', path: '/threads/{thread}/asks/{ask}', takes: ['thread', 'ask'] },
  'threads.resumeAsk': {
    method: 'post',
    path: '/threads/{thread}/asks/{ask}/resume',
    takes: ['thread', 'ask'],
    gives: 'nothing',
  },
  'threads.cancelAsk': {
    method: 'post',
    path: '/threads/{thread}/asks/{ask}/cancel',
    takes: ['thread', 'ask', 'reason'],
    gives: 'nothing',
  },
  'threads.askEvents': {
    method: 'get',
    path: '/threads/{thread}/asks/{ask}/events',
    takes: ['thread', 'ask'],
    gives: 'events',
    last: 'ask-end',
  },
  'threads.trace': { method: 'get', path: '/asks/{ask}/trace', takes: ['ask', '...'] },
} as const

/** The answers of users to the questions of threads, which the inbox lists. */
export const decisionOperations = {
  'inbox.decide': {
    method: 'post',
    path: '/asks/{ask}/decision',
    takes: ['ask', '...', '...id,thread'],
    makes: 'dec',
    by: true,
  },
  'inbox.consent': {
    method: 'post',
    path: '/asks/{ask}/consent',
    takes: ['ask', 'answers', '...'],
    gives: 'items',
    by: true,
  },
} as const
