import type { ErrorCodes } from '../errors.ts'

export const agentCodes = {
  unknown_round: { as: 'TerminalError', means: 'the goal does not have the round' },
  goal_over: { status: 409, exit: 2, means: 'the goal has ended' },
  goal_handed_off: { as: 'InvalidError', means: 'another goal works on it; `hint` names that goal' },
  goal_not_over: { status: 409, exit: 2, means: 'the goal has not ended' },
  invalid_output: { status: 422, exit: 1, means: 'the answer of the agent does not fit its `output`' },
  agent_taken: { as: 'InvalidError', means: 'another agent has the name: one of the program, or one of a file' },
  too_many_agents: { as: 'InvalidError', means: 'the owner has as many agents as antiphon.yaml allows' },
  invalid_context: {
    as: 'InvalidError',
    means: 'the context is not JSON, is too large, or does not fit the `context` of the agent',
  },
  invalid_agent_test: { as: 'InvalidError', means: 'the test of an agent is wrong' },
  instructions_failed: {
    status: 500,
    exit: 1,
    means: 'the function that makes the instructions of the agent failed; nothing was started',
  },
  invalid_agent: { status: 400, exit: 2, means: 'the definition of the agent is invalid' },
} as const satisfies ErrorCodes

export const agentOperations = {
  'agents.put': { method: 'put', path: '/agents/{name}', takes: ['name', 'definition'] },
  'agents.list': { method: 'get', path: '/agents', takes: ['...'], gives: 'items' },
  'agents.get': { method: 'get', path: '/agents/{name}', takes: ['name', '...'] },
  'agents.remove': { method: 'delete', path: '/agents/{name}', takes: ['name'], gives: 'nothing' },
} as const

export const conversationOperations = {
  'conversations.post': {
    method: 'post',
    path: '/conversations/{conversation}/messages',
    takes: ['...', 'signal'],
    makes: 'msg',
  },
  'conversations.get': {
    method: 'get',
    path: '/conversations/{conversation}/messages/{message}',
    takes: ['conversation', 'message'],
  },
  'conversations.stop': {
    method: 'post',
    path: '/conversations/{conversation}/stop',
    takes: ['conversation', 'reason'],
    gives: 'nothing',
  },
  'conversations.events': {
    method: 'get',
    path: '/conversations/{conversation}/events',
    takes: ['conversation'],
    gives: 'events',
    last: '',
  },
  // for front ends; programs have the events above
  'conversations.chat': { method: 'post', path: '/agents/{agent}/chat' },
  'conversations.resumeChat': { method: 'get', path: '/agents/{agent}/chat/{chat}/stream' },
  'conversations.agUi': { method: 'post', path: '/agents/{agent}/ag-ui' },
} as const

export const goalOperations = {
  'goals.tools': { method: 'get', path: '/agents/{agent}/tools', takes: ['agent'] },
  'goals.start': { method: 'post', path: '/agents/{agent}/goals', takes: ['...'], makes: 'goal' },
  'goals.list': { method: 'get', path: '/goals', takes: ['...'], gives: 'items' },
  'goals.get': { method: 'get', path: '/goals/{goal}', takes: ['goal'] },
  'goals.round': { method: 'get', path: '/goals/{goal}/rounds/{round}', takes: ['goal', 'round'] },
  'goals.events': { method: 'get', path: '/goals/{goal}/events', takes: ['goal'], gives: 'events', last: 'goal-end' },
  'goals.tell': { method: 'post', path: '/goals/{goal}/tell', takes: ['goal', 'text'], gives: 'nothing' },
  'goals.pause': { method: 'post', path: '/goals/{goal}/pause', takes: ['goal'], gives: 'nothing' },
  'goals.resume': { method: 'post', path: '/goals/{goal}/resume', takes: ['goal', '...'], gives: 'nothing' },
  'goals.fork': { method: 'post', path: '/goals/{goal}/fork', takes: ['goal', '...'], makes: 'goal' },
  'goals.settle': {
    method: 'post',
    path: '/goals/{goal}/settle',
    takes: ['goal', 'call', '...', '...id'],
    makes: 'sig',
    by: true,
  },
  // not below /goals: a goal may have any id
  'goals.adopt': { method: 'post', path: '/code/adopt', takes: ['...'] },
  'goals.code': { method: 'get', path: '/code/goals', takes: ['...'] },
  'goals.cancel': { method: 'post', path: '/goals/{goal}/cancel', takes: ['goal', 'reason'], gives: 'nothing' },
  'goals.rate': { method: 'post', path: '/goals/{goal}/rate', takes: ['goal', 'rating'], gives: 'nothing' },
} as const
